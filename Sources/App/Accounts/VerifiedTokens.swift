import Engine
import Synchronization

/// Access tokens that were found good, and what they say: a token that is shown again, as when
/// everybody reconnects at once, needs no second look at its signature and claims.
///
/// It says nothing about now. Whoever uses an entry checks times, revocation and account each time.
package final class VerifiedTokens: Sendable {
    struct Entry: Sendable {
        let claims: TokenClaims
        /// The record of the account that `identity` was made with; nil where there was none.
        let account: Record?
        /// One for all sessions that live by the token.
        let identity: Identity
    }

    /// A token's exact bytes. Texts won't do: some that differ in bytes are equal as text.
    private struct Key: Hashable {
        let bytes: [UInt8]

        static func == (left: Key, right: Key) -> Bool { left.bytes == right.bytes }

        /// The end of a token is the end of its signature, which is as good as random, and nobody
        /// gets a token in here without the key.
        func hash(into hasher: inout Hasher) {
            for byte in bytes.suffix(16) { hasher.combine(byte) }
        }
    }

    /// When `young` is full it becomes `old`, and what was old is forgotten.
    private struct Generations {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
    }

    /// How many are remembered unless another number is given.
    package static let countMaxDefault = 4_096
    /// Longer tokens are looked at anew each time.
    private static let tokenBytesMax = 1_024

    private let generations = Mutex(Generations())
    private let generationMax: Int

    /// Remembers up to `countMax` tokens: at about 1 KiB each with its claims.
    init(countMax: Int = VerifiedTokens.countMaxDefault) {
        precondition(countMax >= 2, "there are two generations")
        generationMax = countMax / 2
    }

    /// What is known of a token; nil where nothing is.
    func entry(of token: String) -> Entry? {
        guard token.utf8.count <= Self.tokenBytesMax else { return nil }
        let key = Key(bytes: Array(token.utf8))
        return generations.withLock { generations in
            if let entry = generations.young[key] { return entry }
            guard let entry = generations.old.removeValue(forKey: key) else { return nil }
            put(entry, for: key, in: &generations)
            return entry
        }
    }

    /// Remembers a token, in place of what was known of it.
    func remember(_ entry: Entry, for token: String) {
        guard token.utf8.count <= Self.tokenBytesMax else { return }
        let key = Key(bytes: Array(token.utf8))
        generations.withLock { put(entry, for: key, in: &$0) }
    }

    private func put(_ entry: Entry, for key: Key, in generations: inout Generations) {
        generations.young[key] = entry
        guard generations.young.count >= generationMax else { return }
        generations.old = generations.young
        generations.young = [:]
    }
}
