/// What the broker holds of a room: announcements go on to the room's loop.
final class RoomEar: StreamListener {
    private let room: Room
    private let attachment: UInt64

    init(room: Room, attachment: UInt64) {
        self.room = room
        self.attachment = attachment
    }

    func announced(_ publications: [Publication], epoch: Epoch) {
        room.loop.post { [room, attachment] in
            room.assumeIsolated { $0.accept(publications, epoch, attachment: attachment) }
        }
    }
}
