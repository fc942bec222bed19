import Engine
import Transport

/// Finds out who makes a request, and from where.
struct Callers: Sendable {
    static let accessCookie = "accessToken"
    static let refreshCookie = "refreshToken"

    private let tokens: Tokens
    private let trustedProxies: [CIDR]
    private let origins: OriginPolicy

    init(tokens: Tokens, trustedProxies: [CIDR], origins: OriginPolicy) {
        self.tokens = tokens
        self.trustedProxies = trustedProxies
        self.origins = origins
    }

    /// Who bears the request's token: `Authorization: Bearer …`, or the cookie. A cookie alone does
    /// not let a page of another origin write.
    func identify(_ head: HTTPRequestHead) async throws(APIError) -> Identity {
        let token: String
        if let authorization = head.headers.first(named: "authorization") {
            let words = authorization.split(separator: " ")
            guard words.count == 2, words[0].lowercased() == "bearer" else { throw .tokenInvalid }
            token = String(words[1])
        } else if let cookie = head.cookies[Self.accessCookie]?.first, !cookie.isEmpty {
            try checkOrigin(head)
            token = cookie
        } else {
            throw .tokenMissing
        }
        do {
            return try await tokens.verify(token)
        } catch {
            throw APIError(error)
        }
    }

    /// Refuses a request that writes by the authority of a cookie unless its page is ours or allowed.
    func checkOrigin(_ head: HTTPRequestHead) throws(APIError) {
        guard head.method != .get, head.method != .head else { return }
        guard head.headers.first(named: "origin") != nil, origins.admits(head) else {
            throw .foreignOrigin
        }
    }

    /// Where a request comes from: what the nearest trusted proxy says, or the peer itself.
    func origin(of request: HTTPRequest) -> (address: String, isSecure: Bool) {
        guard isTrusted(request.peerHost) else { return (request.peerHost, false) }
        // Each proxy adds the peer it saw at the end; the last one we don't know is the client.
        let hops = request.head.headers.list(named: "x-forwarded-for")
        let client = hops.last { !isTrusted($0) } ?? hops.first ?? request.peerHost
        let scheme = request.head.headers.list(named: "x-forwarded-proto").last
        return (client, scheme?.lowercased() == "https")
    }

    private func isTrusted(_ host: String) -> Bool {
        guard let address = IPAddress(host[...]) else { return false }
        return trustedProxies.contains { $0.contains(address) }
    }
}
