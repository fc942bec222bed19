import Engine
import Transport

/// One REST endpoint.
package struct APIRoute: Sendable {
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
package struct Router: HTTPResponder {
    private let routes: [APIRoute]
    private let callers: Callers
    private let origins: OriginPolicy
    private let site: Site
    private let node: String?
    private let log: Log

    /// Every answer says that it is from `node`, where that is given.
    package init(
        routes: [APIRoute], callers: Callers, origins: OriginPolicy, site: Site,
        node: String? = nil, log: Log
    ) {
        self.routes = routes
        self.callers = callers
        self.origins = origins
        self.site = site
        self.node = node
        self.log = log
    }

    @concurrent package func respond(to request: HTTPRequest) async -> HTTPAnswer {
        var response: HTTPResponse
        if request.head.method == .options {
            response = HTTPResponse(status: .noContent)
        } else {
            do throws(APIError) {
                response = try await answer(request)
            } catch {
                if error.status.code >= 500 {
                    // The store tells of its troubles itself, once, and not once a request.
                    log.debug(
                        "request-failed",
                        [
                            "path": request.head.path, "status": error.status.code,
                            "code": error.code, "cause": error.cause ?? "",
                        ])
                }
                response = HTTPResponse(error)
            }
        }
        admitListedOrigin(request.head, to: &response)
        return .response(signed(response))
    }

    package func refusal(_ status: HTTPStatus) -> HTTPResponse {
        signed(HTTPResponse(APIError.unreadable(status)))
    }

    /// Says who answers, for whoever looks at one of several nodes through a load balancer.
    private func signed(_ response: HTTPResponse) -> HTTPResponse {
        guard let node else { return response }
        var response = response
        response.headers.set("x-petnexus-node", node)
        return response
    }

    /// Lets pages of the origins that the operator listed call us and read the answer (Fetch
    /// Standard, "CORS protocol").
    private func admitListedOrigin(_ head: HTTPRequestHead, to response: inout HTTPResponse) {
        guard let origin = origins.listedOrigin(of: head) else { return }
        response.headers.set("access-control-allow-origin", origin)
        response.headers.set("access-control-allow-credentials", "true")
        response.headers.append("vary", "origin")
        guard head.method == .options else { return }
        response.headers.set("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE")
        response.headers.set(
            "access-control-allow-headers", "authorization, content-type, idempotency-key")
        response.headers.set("access-control-max-age", "600")
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
            let origin = callers.origin(of: request.head, peerHost: request.peerHost)
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
