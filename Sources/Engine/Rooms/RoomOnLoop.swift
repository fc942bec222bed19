/// What runs on the room's own loop asks of it without waiting, as often as there are messages; the
/// runtime checks each time that it runs there, as for `SessionOnLoop`.
protocol RoomOnLoop: AnyObject, Sendable {
    /// Appends a draft to the stream.
    func append(_ draft: Draft, _ reply: @escaping Room.PublishReply)

    /// Takes in what the broker announces, for an attachment that may be an earlier one.
    func accept(_ publications: [Publication], _ epoch: Epoch, attachment: UInt64)
}

extension Room: @preconcurrency RoomOnLoop {
    /// The room, for what runs on its loop.
    nonisolated var onLoop: any RoomOnLoop { self }
}
