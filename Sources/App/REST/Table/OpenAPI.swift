import Transport

/// The OpenAPI 3.1 document of a route table.
struct OpenAPI {
    private let routes: [APIRoute]

    init(_ routes: [APIRoute]) {
        self.routes = routes
    }

    /// The document as JSON.
    var document: JSONValue {
        var paths: [(path: String, operations: [JSONMember])] = []
        for route in routes {
            let operation = JSONMember(
                route.method.rawValue.lowercased(), .object(operation(route)))
            if let index = paths.firstIndex(where: { $0.path == route.path }) {
                paths[index].operations.append(operation)
            } else {
                paths.append((route.path, [operation]))
            }
        }
        return .object([
            JSONMember("openapi", .text("3.1.0")),
            JSONMember(
                "info",
                .object([
                    JSONMember("title", .text("PetNexus")),
                    JSONMember("version", .text(Version.current)),
                    JSONMember(
                        "description", .text("The community over HTTP. Chat itself is STOMP.")),
                ])),
            JSONMember(
                "paths", .object(paths.map { JSONMember($0.path, .object($0.operations)) })),
            JSONMember(
                "components",
                .object([
                    JSONMember("schemas", schemas),
                    JSONMember("securitySchemes", Self.securitySchemes),
                ])),
        ])
    }

    // MARK: Operations

    private func operation(_ route: APIRoute) -> [JSONMember] {
        var members = [
            JSONMember("operationId", .text(Self.operationID(of: route))),
            JSONMember("summary", .text(route.summary)),
            JSONMember("tags", .list([.text(Self.tag(of: route))])),
        ]
        let parameters = parameters(route)
        if !parameters.isEmpty { members.append(JSONMember("parameters", .list(parameters))) }
        if let body = route.body {
            let schema = Self.schema(of: body)
            members.append(
                JSONMember(
                    "requestBody",
                    .object([
                        JSONMember("required", .flag(true)),
                        JSONMember(
                            "content",
                            .object(
                                [Self.media("application/json", schema)]
                                    + (route.takesImages
                                        ? [Self.media("multipart/form-data", Self.form(of: body))]
                                        : []))),
                    ])))
        }
        members.append(JSONMember("responses", responses(route)))
        members.append(JSONMember("security", Self.security(of: route.access)))
        return members
    }

    private static func operationID(of route: APIRoute) -> String {
        let words = route.path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? "by-" + segment.dropFirst().dropLast() : String(segment)
        }
        return ([route.method.rawValue.lowercased()] + words).joined(separator: "-")
    }

    /// The area that a path belongs to: its first segment below `/api`.
    private static func tag(of route: APIRoute) -> String {
        let segments = route.path.split(separator: "/")
        return segments.first == "api" && segments.count > 1 ? String(segments[1]) : "node"
    }

    private func parameters(_ route: APIRoute) -> [JSONValue] {
        var parameters = route.parameterNames.map { name in
            let schema: Schema = name.lowercased().hasSuffix("id") ? .id : .text()
            return Self.parameter(String(name), in: "path", schema, isRequired: true)
        }
        parameters += route.query.map {
            Self.parameter($0.name, in: "query", $0.schema, isRequired: $0.isRequired)
        }
        if route.isWrite {
            parameters.append(
                Self.parameter(
                    "Idempotency-Key", in: "header", .text(characters: 1...64), isRequired: false))
        }
        return parameters
    }

    private static func parameter(
        _ name: String, in place: String, _ schema: Schema, isRequired: Bool
    ) -> JSONValue {
        .object([
            JSONMember("name", .text(name)), JSONMember("in", .text(place)),
            JSONMember("required", .flag(isRequired)), JSONMember("schema", schema.json),
        ])
    }

    private static func schema(of fields: [any AnyField]) -> Schema {
        .object(
            fields.map {
                Schema.Property(
                    $0.name, $0.isRequired ? $0.schema : .orNull($0.schema),
                    isRequired: $0.isRequired)
            })
    }

    /// The fields, and images.
    private static func form(of fields: [any AnyField]) -> Schema {
        let properties = fields.map {
            Schema.Property($0.name, $0.schema, isRequired: $0.isRequired)
        }
        return .object(
            properties + [.init("imageFiles", .list(of: .file), isRequired: false)])
    }

    private static func content(_ mediaType: String, _ schema: Schema) -> JSONValue {
        .object([media(mediaType, schema)])
    }

    private static func media(_ type: String, _ schema: Schema) -> JSONMember {
        JSONMember(type, .object([JSONMember("schema", schema.json)]))
    }

    // MARK: Answers

    private func responses(_ route: APIRoute) -> JSONValue {
        let content: JSONValue =
            switch route.success.content {
            case .json(let schema): Self.content("application/json", schema)
            case .media(let types): .object(types.map { JSONMember($0, .object([])) })
            }
        var members = route.success.statuses.map { status in
            JSONMember(
                String(status.code),
                .object([
                    JSONMember("description", .text(status.reason)),
                    JSONMember("content", content),
                ]))
        }
        for status in route.refusalStatuses.sorted(by: { $0.code < $1.code }) {
            members.append(
                JSONMember(
                    String(status.code),
                    .object([
                        JSONMember("description", .text(status.reason)),
                        JSONMember("content", Self.content("application/json", Self.refusal)),
                    ])))
        }
        return .object(members)
    }

    private static let refusal = Schema.named(
        "Error",
        .object([
            .text("errorCode"), .text("errorMessage"),
            .init(
                "fields", .list(of: .object([.text("field"), .text("reason")])), isRequired: false),
        ]))

    private var schemas: JSONValue {
        var shapes: [String: Schema] = [:]
        Self.refusal.collect(into: &shapes)
        for route in routes {
            if case .json(let schema) = route.success.content { schema.collect(into: &shapes) }
            for field in route.body ?? [] { field.schema.collect(into: &shapes) }
        }
        return .object(
            shapes.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value.json) })
    }

    // MARK: Who may

    private static let securitySchemes = JSONValue.object([
        JSONMember(
            "bearer",
            .object([
                JSONMember("type", .text("http")), JSONMember("scheme", .text("bearer")),
                JSONMember("bearerFormat", .text("JWT")),
            ])),
        JSONMember(
            "apiKey",
            .object([
                JSONMember("type", .text("apiKey")), JSONMember("in", .text("header")),
                JSONMember("name", .text("X-API-Key")),
            ])),
        JSONMember(
            "cookie",
            .object([
                JSONMember("type", .text("apiKey")), JSONMember("in", .text("cookie")),
                JSONMember("name", .text(Callers.accessCookie)),
            ])),
        JSONMember(
            "ticket",
            .object([
                JSONMember("type", .text("apiKey")), JSONMember("in", .text("query")),
                JSONMember("name", .text(Callers.ticketItem)),
            ])),
    ])

    private static func security(of access: APIRoute.Access) -> JSONValue {
        let bearer = JSONValue.object([JSONMember("bearer", .list([]))])
        let cookie = JSONValue.object([JSONMember("cookie", .list([]))])
        let ticket = JSONValue.object([JSONMember("ticket", .list([]))])
        return switch access {
        case .anyone: .list([])
        case .anyoneByName: .list([.object([]), bearer, cookie])
        case .signedIn: .list([bearer, cookie])
        case .ticketHolder: .list([bearer, cookie, ticket])
        case .backend: .list([.object([JSONMember("apiKey", .list([]))])])
        }
    }
}

/// The table's own documentation.
package struct DocumentationRoutes: Sendable {
    private let routes: [APIRoute]

    /// `routes` are all the others.
    package init(of routes: [APIRoute]) {
        self.routes = routes
    }

    package var all: [APIRoute] {
        let document = OpenAPI(routes).document.bytes
        return [
            APIRoute(
                .get, "/v3/api-docs", "This document.", for: .anyone,
                gives: .media("application/json")
            ) { (_) throws(APIError) in HTTPResponse(json: document) }
        ]
    }
}
