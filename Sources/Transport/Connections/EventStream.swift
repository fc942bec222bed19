import Engine

/// An answer that does not end: what its client hears, and by whose authority.
public struct EventStream: Sendable {
    /// One of the subscriptions that a stream is made of.
    public struct Feed: Sendable, Hashable {
        let destination: String
        /// What all of its events are called; nil: each says so itself.
        let name: String?

        /// A feed whose events have one name, and the position of each as its id.
        public init(_ destination: String, named name: String) {
            precondition(!name.isEmpty, "an event has a name")
            self.destination = destination
            self.name = name
        }

        /// A feed whose events name themselves by a parameter `event` of their content type, and
        /// leave the position alone that a client comes back with.
        public init(_ destination: String) {
            self.destination = destination
            name = nil
        }

        /// What the session calls its subscription, and finds in its messages' form.
        var subscriptionID: String { name ?? Self.namelessID }

        fileprivate static let namelessID = ""
    }

    /// What the community says in the events that are the stream's own.
    public struct Wording: Sendable {
        let begins: @Sendable (Position, Resume) -> [UInt8]
        let ends: @Sendable (Refusal) -> [UInt8]

        /// `begins` is the data of the first event, `ends` that of the last where the server ends
        /// the stream. Both must return at once.
        public init(
            begins: @escaping @Sendable (Position, Resume) -> [UInt8],
            ends: @escaping @Sendable (Refusal) -> [UInt8]
        ) {
            self.begins = begins
            self.ends = ends
        }
    }

    let community: Community
    let identity: Identity
    let feeds: [Feed]
    let position: Position?
    let wording: Wording
    /// Released with the stream: its place among those of its user.
    let place: (any Sendable)?
    public var headers = HTTPHeaders()

    /// The first of the feeds is the one that `position` is in, which a client comes back with; nil:
    /// it begins with the next message. The others begin when that one is live. `place` is kept for
    /// as long as the stream is open.
    public init(
        of feeds: [Feed], after position: Position?, for identity: Identity,
        in community: Community, wording: Wording, keeping place: (any Sendable)? = nil
    ) {
        precondition(feeds.first?.name != nil, "the first feed has positions")
        self.feeds = feeds
        self.position = position
        self.identity = identity
        self.community = community
        self.wording = wording
        self.place = place
    }

    /// What every event stream's head says. `no` keeps proxies from holding events back.
    static let ownHeaders: HTTPHeaders = [
        "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store",
        "x-accel-buffering": "no", "x-content-type-options": "nosniff",
    ]
}

extension EventTemplate {
    /// The events of members of this form.
    init(_ form: Audience.Form) {
        let id = form.subscription.id
        self.init(
            name: id == EventStream.Feed.namelessID ? nil : id,
            epoch: form.subscription.epoch.rawValue)
    }
}
