import Engine
import Transport

/// Answers the node's HTTP requests: REST by its routes, everything else by the web client's files.
package struct Router: HTTPResponder {
    private let routes: RouteTree
    private let callers: Callers
    private let origins: OriginPolicy
    private let site: Site
    private let media: Media?
    private let node: String?
    private let log: Log
    private let slots = UploadSlots(countMax: Self.uploadsMax, perUserMax: Self.uploadsPerUserMax)

    /// Forms with images that may be under way at a time.
    private static let uploadsMax = 256
    private static let uploadsPerUserMax = 16

    /// Every answer says that it is from `node`, where that is given. Without `media` no images are
    /// taken.
    package init(
        routes: [APIRoute], callers: Callers, origins: OriginPolicy, site: Site,
        media: Media? = nil,
        node: String? = nil, log: Log
    ) {
        self.routes = RouteTree(routes)
        self.callers = callers
        self.origins = origins
        self.site = site
        self.media = media
        self.node = node
        self.log = log
    }

    @concurrent package func respond(to request: HTTPRequest) async -> HTTPAnswer {
        guard request.head.method != .options else {
            return finished(.response(HTTPResponse(status: .noContent)), for: request.head)
        }
        return await finished(for: request.head) { () throws(APIError) in
            try await answer(request)
        }
    }

    /// What answers, or refuses, with what every answer says.
    private func finished(
        for head: HTTPRequestHead, _ answer: () async throws(APIError) -> HTTPAnswer
    ) async -> HTTPAnswer {
        do throws(APIError) {
            return finished(try await answer(), for: head)
        } catch {
            return refusal(error, to: head)
        }
    }

    private func refusal(_ error: APIError, to head: HTTPRequestHead) -> HTTPAnswer {
        if error.status.code >= 500 {
            // The store tells of its troubles itself, once, and not once a request.
            log.debug(
                "request-failed",
                [
                    "path": head.path, "status": error.status.code, "code": error.code,
                    "cause": error.cause ?? "",
                ])
        }
        return finished(.response(HTTPResponse(error)), for: head)
    }

    package func refusal(_ status: HTTPStatus) -> HTTPResponse {
        var response = HTTPResponse(APIError.unreadable(status))
        sign(&response.headers)
        return response
    }

    /// The answer with what every answer says.
    private func finished(_ answer: HTTPAnswer, for head: HTTPRequestHead) -> HTTPAnswer {
        var answer = answer
        admitListedOrigin(head, in: &answer.headers)
        sign(&answer.headers)
        return answer
    }

    /// Says who answers, for whoever looks at one of several nodes through a load balancer.
    private func sign(_ headers: inout HTTPHeaders) {
        if let node { headers.set("x-petnexus-node", node) }
    }

    /// Lets pages of the origins that the operator listed call us and read the answer (Fetch
    /// Standard, "CORS protocol").
    private func admitListedOrigin(_ head: HTTPRequestHead, in headers: inout HTTPHeaders) {
        guard let origin = origins.listedOrigin(of: head) else { return }
        headers.set("access-control-allow-origin", origin)
        headers.set("access-control-allow-credentials", "true")
        headers.append("vary", "origin")
        guard head.method == .options else { return }
        headers.set("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE")
        headers.set("access-control-allow-headers", "authorization, content-type, idempotency-key")
        headers.set("access-control-max-age", "600")
    }

    private func answer(_ request: HTTPRequest) async throws(APIError) -> HTTPAnswer {
        let head = request.head
        switch routes.find(head.method, head.path) {
        case .route(let route, let parameters):
            return try await route.answer(
                try apiRequest(
                    request, .bytes(request.body), for: route, parameters,
                    try await caller(of: head, by: route)))
        case .otherMethods(let allowed):
            throw .methodNotAllowed(allowed)
        case .nothing:
            let isPage = head.method == .get || head.method == .head
            guard isPage, !head.path.hasPrefix("/api/") else { throw .notFound }
            return .response(try site.file(head))
        }
    }

    private func caller(
        of head: HTTPRequestHead, by route: APIRoute
    ) async throws(APIError) -> Identity? {
        switch route.access {
        case .anyone: nil
        case .anyoneByName: try await callers.identifyIfNamed(head)
        case .signedIn: try await callers.identify(head)
        case .ticketHolder: try await callers.identifyTicketHolder(head)
        case .backend: try callers.admitBackend(head)
        }
    }

    private func apiRequest(
        _ request: HTTPRequest, _ body: RequestBody, for route: APIRoute,
        _ parameters: [String: String], _ caller: Identity?
    ) throws(APIError) -> APIRequest {
        let origin = callers.origin(of: request.head, peerHost: request.peerHost)
        return APIRequest(
            head: request.head, parameters: parameters, clientAddress: origin.address,
            isSecure: origin.isSecure, caller: caller,
            fields: try route.readFields(request.head, body), images: body.images)
    }
}

// MARK: - Forms with images

extension Router {
    package func reception(of head: HTTPRequestHead) -> (any HTTPReception)? {
        guard case .route(let route, let parameters) = routes.find(head.method, head.path),
            route.takesImages, head.mediaType == "multipart/form-data"
        else { return nil }
        return FormReception(router: self, route: route, parameters: parameters)
    }

    /// Decides about the forms for one route.
    private struct FormReception: HTTPReception {
        let router: Router
        let route: APIRoute
        let parameters: [String: String]

        @concurrent func admit(_ request: HTTPRequest) async -> HTTPAdmission {
            do throws(APIError) {
                return try await router.admit(request, to: route, parameters)
            } catch {
                return .refuse(router.refusal(error, to: request.head))
            }
        }
    }

    private func admit(
        _ request: HTTPRequest, to route: APIRoute, _ parameters: [String: String]
    ) async throws(APIError) -> HTTPAdmission {
        guard let caller = try await caller(of: request.head, by: route) else {
            preconditionFailure("only who is signed in may send images")
        }
        guard let media else { throw .noImages }
        guard let directory = media.directory else { throw .imagesGoToBucket }
        guard
            let reading = FormReading(
                contentType: request.head.headers.first(named: "content-type") ?? "", media,
                in: directory)
        else { throw .malformedForm }
        guard slots.take(caller.user) else { throw .tooManyUploads }
        let upload = FormUpload(reading, media, of: caller.user, slots: slots) { outcome in
            await finished(for: request.head) { () throws(APIError) in
                let form = try outcome.get()
                return try await route.answer(
                    try apiRequest(request, .form(form), for: route, parameters, caller))
            }
        }
        return .take(upload, bytesMax: FormReading.bytesMax(media.settings))
    }
}
