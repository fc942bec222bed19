import Engine
import Transport

/// One-use tickets that open an event stream in the name of who asked for them, for pages whose
/// `EventSource` can show no token: a ticket may stand in an address, since it is worth nothing half a
/// minute later.
///
/// A ticket is a lease in the store, so that any node takes it. The store knows its hash only.
package struct StreamTickets: Sendable {
    package static let lifetime = Duration.seconds(30)

    private static let ticketBytes = 24

    private let store: any Store
    private let tokens: Tokens
    private let random: RandomBytes
    private let now: @Sendable () -> Int64

    package init(
        store: any Store, tokens: Tokens, random: @escaping RandomBytes = SystemRandom.bytes,
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.tokens = tokens
        self.random = random
        self.now = now
    }

    /// A ticket that stands for the identity's token, and ends with that if not before.
    package func issue(to identity: Identity) async throws(StoreError) -> String {
        let ticket = random(Self.ticketBytes)
        let endMs = now() + Self.lifetime.components.seconds * 1_000
        try await store.commit([
            .put(
                Self.key(of: ticket), value: StoredValue.encode(Bearer(identity)),
                expecting: .absent, expiresAtMs: endMs)
        ])
        return Base64.encodeURL(ticket)
    }

    /// Who asked for a ticket, as they are now; nil where it was used, is too old, or never was one.
    /// It is good once, unless `staysGood`.
    package func redeem(
        _ text: String, staysGood: Bool = false
    ) async throws(TokenError) -> Identity? {
        guard text.utf8.count <= 2 * Self.ticketBytes, let ticket = Base64.decodeURL(text),
            ticket.count == Self.ticketBytes
        else { return nil }
        let key = Self.key(of: ticket)
        let bearer: Bearer
        do throws(StoreError) {
            guard let record = try await store.records([key])[0] else { return nil }
            bearer = try StoredValue.decode(Bearer.self, from: record, at: key)
            if !staysGood {
                try await store.commit([.remove(key, expecting: .version(record.version))])
            }
        } catch {
            // Somebody else was first with it.
            if case .conflict = error { return nil }
            throw .store(error)
        }
        guard bearer.expiresAtMs > now() else { throw .rejected(.expired) }
        return try await tokens.verifyAnew(bearer.identity)
    }

    private static func key(of ticket: [UInt8]) -> RecordKey {
        RecordKey("stream-ticket", Base64.encodeURL(SHA256.hash(ticket)))
    }

    /// What the store keeps of the token that a ticket stands for.
    private struct Bearer: Codable {
        let userNumber: Int64
        let name: String
        let role: Role
        let tokenID: String?
        let issuer: String?
        let expiresAtMs: Int64
        let subscribePatterns: [String]

        init(_ identity: Identity) {
            userNumber = identity.user.rawValue
            name = identity.name
            role = identity.role
            tokenID = identity.tokenID
            issuer = identity.issuer
            expiresAtMs = identity.expiresAtMs ?? .max
            subscribePatterns = identity.subscribePatterns
        }

        /// Nobody publishes by a stream.
        var identity: Identity {
            Identity(
                user: UserID(userNumber), name: name, role: role, tokenID: tokenID,
                issuer: issuer, expiresAtMs: expiresAtMs, subscribePatterns: subscribePatterns)
        }
    }
}
