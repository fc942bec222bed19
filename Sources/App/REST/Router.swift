import Engine
import Transport

/// One REST endpoint.
struct APIRoute: Sendable {
    let method: HTTPMethod
    /// Literal segments and `{name}`s.
    let pattern: [Substring]
    let needsSignIn: Bool
    let answer: @Sendable (APIRequest) async throws(APIError) -> HTTPResponse

    init(
        _ method: HTTPMethod, _ path: String, needsSignIn: Bool = true,
        _ answer: @escaping @Sendable (APIRequest) async throws(APIError) -> HTTPResponse
    ) {
        self.method = method
        pattern = path.split(separator: "/")
        self.needsSignIn = needsSignIn
        self.answer = answer
    }

    /// The values of the pattern's names, where the path fits.
    func parameters(of path: [Substring]) -> [String: String]? {
        guard path.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(pattern, path) {
            if part.hasPrefix("{") {
                parameters[String(part.dropFirst().dropLast())] = String(segment)
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }
}

/// Answers the node's HTTP requests: REST by its routes, everything else by the web client's files.
struct Router: HTTPResponder {
    private let routes: [APIRoute]
    private let callers: Callers
    private let site: Site
    private let log: Log

    init(routes: [APIRoute], callers: Callers, site: Site, log: Log) {
        self.routes = routes
        self.callers = callers
        self.site = site
        self.log = log
    }

    @concurrent func respond(to request: HTTPRequest) async -> HTTPResponse {
        do throws(APIError) {
            return try await answer(request)
        } catch {
            if error.status.code >= 500 {
                log.warning(
                    "request-failed",
                    ["path": request.head.path, "status": error.status.code, "code": error.code])
            }
            return HTTPResponse(error)
        }
    }

    private func answer(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        let path = request.head.path.split(separator: "/")
        // HEAD is GET without the body, which the encoder leaves out.
        let method = request.head.method == .head ? .get : request.head.method
        var allowed: [HTTPMethod] = []
        for route in routes {
            guard let parameters = route.parameters(of: path) else { continue }
            guard route.method == method else {
                allowed.append(route.method)
                continue
            }
            let caller =
                route.needsSignIn ? try await callers.identify(request.head) : nil
            let origin = callers.origin(of: request)
            return try await route.answer(
                APIRequest(
                    head: request.head, body: request.body, parameters: parameters,
                    clientAddress: origin.address, isSecure: origin.isSecure, caller: caller))
        }
        guard allowed.isEmpty else { throw .methodNotAllowed(allowed) }
        guard path.first != "api", method == .get else { throw .notFound }
        return try site.file(request.head)
    }
}
