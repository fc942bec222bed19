/// What a room announces of somebody who types. The publication's sender is the member, its body
/// empty.
public enum TypingChange: String, Sendable, CaseIterable {
    case started = "typing/started"
    case stopped = "typing/stopped"

    /// How long it is true of somebody that they type, unless it is said again.
    public static let lifetimeMs: Int64 = 6_000

    /// Nil for the content type of anything else.
    public init?(contentType: String) {
        self.init(rawValue: contentType)
    }

    /// The content type of the publications that say so.
    public var contentType: String { rawValue }
}

/// Who is typing in a room through this node, and how much of it the others are told: that somebody
/// types at most every 3 s, that they stopped once after each time.
///
/// A pure state machine: the room actor performs what it decides. Times are of a clock that never
/// goes back.
struct TypingBoard: Sendable {
    private struct Entry {
        let number: UInt64
        var member: Member
        /// When it was last said; nil once it was said to be over.
        var typedAtMs: Int64?
        /// When the others were last told that it began or goes on.
        var toldAtMs: Int64
        /// Whether the others believe it.
        var isShown: Bool
    }

    /// A look at an entry that is due some time.
    struct Check: Hashable, Sendable {
        let user: UserID
        fileprivate let number: UInt64
        let afterMs: Int64
    }

    struct Announcement: Hashable {
        let change: TypingChange
        /// Under the latest name.
        let member: Member
    }

    /// What is to be announced, and looked at again.
    struct Outcome: Hashable {
        var announcement: Announcement?
        var check: Check?

        static let nothing = Outcome()

        fileprivate static func told(
            _ change: TypingChange, _ member: Member, check: Check? = nil
        ) -> Outcome {
            Outcome(announcement: Announcement(change: change, member: member), check: check)
        }
    }

    /// Between two announcements that somebody types.
    static let repeatMs: Int64 = 3_000

    private var entries: [UserID: Entry] = [:]
    private var numberLast: UInt64 = 0

    /// Whether nobody types, or has typed just now.
    var isEmpty: Bool { entries.isEmpty }

    /// Somebody types, or goes on typing.
    mutating func type(_ member: Member, nowMs: Int64) -> Outcome {
        guard var entry = entries[member.user] else {
            numberLast += 1
            entries[member.user] = Entry(
                number: numberLast, member: member, typedAtMs: nowMs, toldAtMs: nowMs,
                isShown: true)
            let check = Check(
                user: member.user, number: numberLast, afterMs: TypingChange.lifetimeMs)
            return .told(.started, member, check: check)
        }
        entry.member = member
        entry.typedAtMs = nowMs
        defer { entries[member.user] = entry }
        guard nowMs - entry.toldAtMs >= Self.repeatMs else { return .nothing }
        entry.toldAtMs = nowMs
        entry.isShown = true
        return .told(.started, member)
    }

    /// Somebody says that they stopped, or is not there any more. How often they are announced stays
    /// bounded.
    mutating func stop(_ user: UserID) -> Outcome {
        guard var entry = entries[user] else { return .nothing }
        defer { entries[user] = entry }
        entry.typedAtMs = nil
        guard entry.isShown else { return .nothing }
        entry.isShown = false
        return .told(.stopped, entry.member)
    }

    /// What somebody typed was sent: the next thing they type is announced at once.
    mutating func send(_ user: UserID) -> Outcome {
        guard let entry = entries.removeValue(forKey: user), entry.isShown else { return .nothing }
        return .told(.stopped, entry.member)
    }

    /// A check is due: what was not said again is over.
    mutating func look(_ check: Check, nowMs: Int64) -> Outcome {
        guard let entry = entries[check.user], entry.number == check.number else {
            return .nothing
        }
        let endMs = max(
            entry.typedAtMs.map { $0 + TypingChange.lifetimeMs } ?? nowMs,
            entry.toldAtMs + Self.repeatMs)
        if endMs > nowMs {
            let next = Check(user: check.user, number: check.number, afterMs: endMs - nowMs)
            return Outcome(check: next)
        }
        entries[check.user] = nil
        return entry.isShown ? .told(.stopped, entry.member) : .nothing
    }
}
