/// What runs on the room's own loop asks of it without waiting, as often as there are messages; the
/// runtime checks each time that it runs there, as for `SessionOnLoop`.
protocol RoomOnLoop: AnyObject, Sendable {
    func append(_ draft: Draft, _ reply: @escaping Room.PublishReply)
    func accept(_ publications: [Publication], _ epoch: Epoch, attachment: UInt64)
}

extension Room: @preconcurrency RoomOnLoop {
    /// The room, for what runs on its loop.
    nonisolated var onLoop: any RoomOnLoop { self }
}
