import Engine

/// What becomes of the one notification that a member of a chat room has of its messages.
enum MessageNotice: Hashable, Sendable {
    /// It stays as it is, or there stays none.
    case nothing
    /// It is new, or unread again: for something that was said since it was read.
    case raise
    /// It counts what is unread now.
    case recount
    /// It is read.
    case clear

    /// `unread` messages lead to `top`, where the member is not in the room or is.
    init(_ known: Notification?, unread: UInt64, to top: Position, isPresent: Bool) {
        let isUnread = known?.isRead == false
        guard unread > 0, !isPresent else {
            self = isUnread ? .clear : .nothing
            return
        }
        // What was counted when it was read, or taken away, is not news again.
        let isCounted = known?.countedPosition.map { !top.isNewer(than: $0) } ?? false
        if isUnread {
            self = isCounted && known?.count == unread ? .nothing : .recount
        } else {
            self = isCounted ? .nothing : .raise
        }
    }
}

extension Notification {
    /// Up to where a notification of messages counts them.
    var countedPosition: Position? { countedTo.flatMap { Position($0) } }

    /// An unread notification of messages, when its recipient has read the room up to a position; nil
    /// where nothing changes.
    func afterReading(to position: Position) -> Notification? {
        guard !isRead, let counted = countedPosition else { return nil }
        var after = self
        if counted.epoch != position.epoch || counted.offset <= position.offset {
            after.isRead = true
        } else {
            after.count = min(count, counted.offset - position.offset)
        }
        return after == self ? nil : after
    }
}
