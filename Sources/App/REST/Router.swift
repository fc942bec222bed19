import Engine
import Transport

/// Answers the node's HTTP requests: REST by its routes, everything else by the web client's files.
package struct Router: HTTPResponder {
    private let routes: RouteTree
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
        self.routes = RouteTree(routes)
        self.callers = callers
        self.origins = origins
        self.site = site
        self.node = node
        self.log = log
    }

    @concurrent package func respond(to request: HTTPRequest) async -> HTTPAnswer {
        var answer: HTTPAnswer
        if request.head.method == .options {
            answer = .response(HTTPResponse(status: .noContent))
        } else {
            do throws(APIError) {
                answer = try await self.answer(request)
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
                answer = .response(HTTPResponse(error))
            }
        }
        switch answer {
        case .response(var response):
            admitListedOrigin(request.head, to: &response)
            return .response(signed(response))
        }
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

    private func answer(_ request: HTTPRequest) async throws(APIError) -> HTTPAnswer {
        let head = request.head
        switch routes.find(head.method, head.path) {
        case .route(let route, let parameters):
            return try await answer(request, by: route, parameters)
        case .otherMethods(let allowed):
            throw .methodNotAllowed(allowed)
        case .nothing:
            let isPage = head.method == .get || head.method == .head
            guard isPage, !head.path.hasPrefix("/api/") else { throw .notFound }
            return .response(try site.file(head))
        }
    }

    private func answer(
        _ request: HTTPRequest, by route: APIRoute, _ parameters: [String: String]
    ) async throws(APIError) -> HTTPAnswer {
        let caller: Identity? =
            switch route.access {
            case .anyone: nil
            case .anyoneByName: try await callers.identifyIfNamed(request.head)
            case .signedIn: try await callers.identify(request.head)
            }
        let origin = callers.origin(of: request.head, peerHost: request.peerHost)
        return try await route.answer(
            APIRequest(
                head: request.head, parameters: parameters, clientAddress: origin.address,
                isSecure: origin.isSecure, caller: caller,
                fields: try route.readFields(request.head, body: request.body)))
    }
}
