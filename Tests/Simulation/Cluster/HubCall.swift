import Engine

/// What a node asks of the hub.
enum HubRequest: Sendable {
    case subscribe(StreamName)
    case unsubscribe(StreamName)
    case append(Draft, StreamName, Retention)
    case read(StreamName, after: UInt64, PageLimit, Retention)
    case tops([StreamName], Retention)
    case attendance(StreamName)
    case enter(Member, StreamName)
    case leave(UserID, StreamName)
    /// Everything that the node claims, in place of what it claimed before.
    case claim([Claim])
    /// The node lives, and so do its claims; refused where the hub knows of none.
    case renew
}

/// What the hub answers.
enum HubReply: Sendable {
    case done
    case page(StreamPage)
    case appended(Appended)
    case tops([StreamTop])
    case attendance(Attendance)
    case failed(BrokerError)
}

/// A node's word that a user is in the room of a stream.
struct Claim: Hashable, Sendable {
    let stream: StreamName
    let member: Member
}

/// A request on its way, with the number by which its node knows the answer.
struct HubCall: Sendable {
    let number: UInt64
    let request: HubRequest
}

/// What the hub tells the nodes that are subscribed to a stream.
struct Announcement: Sendable {
    let stream: StreamName
    let epoch: Epoch
    let publications: [Publication]
}
