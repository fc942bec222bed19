import Engine

/// Ephemeral events that wait for a client which reads too slowly, joined: of one room, sender and
/// content type only the newest is kept, since it makes those before it void.
///
/// Bounded: an event of a new kind is dropped where the kinds or their bodies are too many. Events
/// stay in the order in which they came, so that the positions of a stream ascend.
struct Backlog: Sendable {
    private struct Entry {
        let room: RoomKey
        /// The client's subscription to it, which its message is for.
        let subscription: SubscriptionWire
        let publication: Publication

        func isOfKind(_ other: Entry) -> Bool {
            room == other.room && publication.sender == other.publication.sender
                && publication.contentType.utf8.elementsEqual(other.publication.contentType.utf8)
                && subscription == other.subscription
        }
    }

    static let kindsMax = 64
    /// Of all bodies together.
    static let bytesMax = 32 * 1_024

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    /// Takes an event in, in the place of an earlier one of its kind.
    mutating func join(
        _ publication: Publication, of room: RoomKey, for subscription: SubscriptionWire
    ) {
        let entry = Entry(room: room, subscription: subscription, publication: publication)
        if let index = entries.firstIndex(where: { $0.isOfKind(entry) }) {
            entries.remove(at: index)
        }
        let bytes = entries.reduce(publication.body.count) { $0 + $1.publication.body.count }
        guard entries.count < Self.kindsMax, bytes <= Self.bytesMax else { return }
        entries.append(entry)
    }

    /// Drops what waits for a subscription that has ended.
    mutating func leave(_ room: RoomKey, _ subscription: SubscriptionWire) {
        entries.removeAll { $0.room == room && $0.subscription == subscription }
    }

    /// Hands over each event with its subscription, in order.
    consuming func release(_ send: (Publication, SubscriptionWire) -> Void) {
        for entry in entries { send(entry.publication, entry.subscription) }
    }
}
