/// Somebody who is in a room, under the name that others see.
public struct Member: Hashable, Sendable {
    public let user: UserID
    public let name: String

    public init(user: UserID, name: String) {
        self.user = user
        self.name = name
    }
}

/// Who is in a room, and the position in its events up to which that is true: whoever applies the
/// later ones, knows who is there then.
public struct Attendance: Sendable {
    /// In the order of their numbers, one entry a user however many nodes they are on.
    public let members: [Member]
    /// Of the stream that the members are kept of.
    public let position: Position

    public init(members: [Member], position: Position) {
        self.members = members
        self.position = position
    }
}

/// What a broker announces of a member. The publication's sender is the member, its body empty.
public enum PresenceChange: String, Sendable, CaseIterable {
    case joined = "presence/joined"
    case left = "presence/left"

    /// Nil for the content type of anything else.
    public init?(contentType: String) {
        self.init(rawValue: contentType)
    }

    /// The content type of the publications that say so.
    public var contentType: String { rawValue }

    /// What is to be announced when it happens to a member.
    public func draft(of member: Member, atMs timestampMs: Int64) -> Draft {
        Draft(
            sender: member.user, senderName: member.name, contentType: contentType, body: [],
            timestampMs: timestampMs)
    }
}
