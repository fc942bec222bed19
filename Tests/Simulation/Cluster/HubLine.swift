import Engine

/// A node's connection to the hub: requests one way, replies and announcements the other, each in
/// their order, but not in that of the others.
final class HubLine {
    /// What the hub tells the lines that asked for it.
    var subscribed: Set<StreamName> = []
    /// The node at the other end: the same for all the lines of one node's life.
    let nodeID: Int
    private let hub: Hub
    private let requests: Link
    private let replies: Link
    private let announcements: Link
    private let hears: (Heard) -> Void
    private(set) var isOpen = true

    /// What comes out at the node's end.
    enum Heard {
        case reply(UInt64, HubReply)
        case announcement(Announcement)
        /// The connection is broken.
        case end
    }

    init(to hub: Hub, nodeID: Int, hearing hears: @escaping (Heard) -> Void) {
        self.hub = hub
        self.nodeID = nodeID
        self.hears = hears
        let latencyMs = hub.weather.hubLatencyMs
        requests = Link(hub.timeline, latencyMs: latencyMs)
        replies = Link(hub.timeline, latencyMs: latencyMs)
        announcements = Link(hub.timeline, latencyMs: latencyMs)
    }

    // MARK: The node's end

    func send(_ call: HubCall) {
        guard isOpen else { return }
        requests.send { [self] in hub.take(call, from: self) }
    }

    /// Stops everything on the line, both ways, or lets it go on.
    func hold(_ isHeld: Bool) {
        for link in [requests, replies, announcements] { link.hold(isHeld) }
    }

    /// Gives the connection up, from either end: what is on its way is lost.
    func close() {
        guard isOpen else { return }
        isOpen = false
        for link in [requests, replies, announcements] { link.cut() }
        hub.drop(self)
    }

    // MARK: The hub's end

    func reply(_ number: UInt64, _ reply: HubReply) {
        guard isOpen else { return }
        if hub.weather.isRaging, hub.timeline.dice.perMille(hub.weather.lostReplies) {
            return hub.counts.count(.lostReply)
        }
        replies.send { [hears] in hears(.reply(number, reply)) }
    }

    func announce(_ announcement: Announcement) {
        guard isOpen else { return }
        if hub.weather.isRaging {
            if hub.timeline.dice.perMille(hub.weather.lostAnnouncements) {
                return hub.counts.count(.lostAnnouncement)
            }
            if hub.timeline.dice.perMille(hub.weather.repeatedAnnouncements) {
                hub.counts.count(.repeatedAnnouncement)
                repeatLater(announcement)
            }
        }
        announcements.send { [hears] in hears(.announcement(announcement)) }
    }

    /// Announces something once more, at once or after others.
    private func repeatLater(_ announcement: Announcement) {
        hub.timeline.after(hub.timeline.dice.within(0...40)) { [self] in
            guard isOpen else { return }
            announcements.send { [hears] in hears(.announcement(announcement)) }
        }
    }

    /// The hub is gone: the node hears of it.
    func end() {
        guard isOpen else { return }
        close()
        hub.timeline.after(hub.timeline.dice.within(0...20)) { [hears] in hears(.end) }
    }
}
