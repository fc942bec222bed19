import Engine
import Transport

/// Finds out who makes a request, and from where.
package struct Callers: Sendable {
    static let accessCookie = "accessToken"
    static let refreshCookie = "refreshToken"
    /// The name of a ticket in an address.
    static let ticketItem = "ticket"

    private let tokens: Tokens
    private let tickets: StreamTickets
    private let trustedProxies: [CIDR]
    private let origins: OriginPolicy
    private let apiKey: Secret?

    /// Without an `apiKey` no other backend is let in.
    package init(
        tokens: Tokens, tickets: StreamTickets, trustedProxies: [CIDR], origins: OriginPolicy,
        apiKey: Secret?
    ) {
        self.tokens = tokens
        self.tickets = tickets
        self.apiKey = apiKey
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

    /// The same where it matters little: nil for who shows no token, or only a cookie that is good no
    /// more, as browsers go on sending it.
    func identifyIfNamed(_ head: HTTPRequestHead) async throws(APIError) -> Identity? {
        if head.headers.first(named: "authorization") != nil { return try await identify(head) }
        guard let token = head.cookies[Self.accessCookie]?.first, !token.isEmpty else { return nil }
        do {
            return try await tokens.verify(token)
        } catch {
            if case .store = error { throw APIError(error) }
            return nil
        }
    }

    /// The same for whoever may show a one-use ticket in the address. What a page has asked for itself
    /// counts more than the cookie that its browser sends along.
    func identifyTicketHolder(_ head: HTTPRequestHead) async throws(APIError) -> Identity {
        guard head.headers.first(named: "authorization") == nil,
            let ticket = head.query.first(where: { $0.name == Self.ticketItem })?.value
        else { return try await identify(head) }
        let identity: Identity?
        do {
            // Who only asks what the head of the answer would be has not had the stream.
            identity = try await tickets.redeem(ticket, staysGood: head.method == .head)
        } catch {
            throw APIError(error)
        }
        guard let identity else { throw .tokenInvalid }
        return identity
    }

    /// Lets other backends in, who show the operator's key; they have no name.
    func admitBackend(_ head: HTTPRequestHead) throws(APIError) -> Identity? {
        guard let apiKey, let shown = head.headers.first(named: "x-api-key"),
            ConstantTime.equal(SHA256.hash(Array(shown.utf8)), SHA256.hash(apiKey.bytes))
        else { throw .wrongAPIKey }
        return nil
    }

    /// Refuses a request that writes by the authority of a cookie unless its page is ours or allowed.
    func checkOrigin(_ head: HTTPRequestHead) throws(APIError) {
        guard head.method != .get, head.method != .head else { return }
        guard head.headers.first(named: "origin") != nil, origins.admits(head) else {
            throw .foreignOrigin
        }
    }

    /// Where a request comes from: what the nearest trusted proxy says, or the peer itself.
    package func origin(of head: HTTPRequestHead, peerHost: String) -> (
        address: String, isSecure: Bool
    ) {
        guard isTrusted(peerHost) else { return (Self.network(of: peerHost), false) }
        // Each proxy adds the peer it saw at the end; the last one we don't know is the client.
        let hops = head.headers.list(named: "x-forwarded-for")
        let client = hops.last { !isTrusted($0) } ?? hops.first ?? peerHost
        let scheme = head.headers.list(named: "x-forwarded-proto").last
        return (Self.network(of: client), scheme?.lowercased() == "https")
    }

    /// What a client can't change at will: an IPv4 address, the /64 network of an IPv6 address.
    private static func network(of host: String) -> String {
        // What has no colon is no IPv6 address.
        guard host.utf8.contains(UInt8(ascii: ":")) else { return host }
        guard case .v6(let bits) = IPAddress(host[...]) else { return host }
        return IPAddress.v6((bits >> 64) << 64).description + "/64"
    }

    private func isTrusted(_ host: String) -> Bool {
        guard !trustedProxies.isEmpty, let address = IPAddress(host[...]) else { return false }
        return trustedProxies.contains { $0.contains(address) }
    }
}
