import Synchronization

/// What the broker holds of a room: announcements go on to the room's loop.
final class RoomEar: StreamListener {
    private let room: Room
    private let attachment: UInt64
    /// Announcements in the inbox of the room's loop.
    private let waiting = Atomic<Int>(0)

    init(room: Room, attachment: UInt64) {
        self.room = room
        self.attachment = attachment
    }

    func announced(_ publications: [Publication], epoch: Epoch) {
        if room.loop.isCurrent, waiting.load(ordering: .relaxed) == 0 {
            // Nothing older is on its way through the loop's inbox: no need to queue behind it. The
            // room's own append may be on the stack here, and has nothing left to do but return.
            return room.onLoop.accept(publications, epoch, attachment: attachment)
        }
        waiting.add(1, ordering: .relaxed)
        room.loop.post { [self] in
            waiting.subtract(1, ordering: .relaxed)
            room.onLoop.accept(publications, epoch, attachment: attachment)
        }
    }
}
