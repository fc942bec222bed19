/// The newest part of a stream as an open room holds it in memory, as members received it: what was
/// true at one moment.
public struct RoomMemory: Sendable {
    public let epoch: Epoch
    /// Ascending and consecutive, the last one's offset is `top`; empty where nothing is held.
    public let publications: ArraySlice<Publication>
    /// The oldest offset that is still kept, as far as is known; top + 1 where nothing is.
    public let floor: UInt64
    /// The newest offset that members were given.
    public let top: UInt64

    public var position: Position { Position(epoch: epoch, offset: top) }

    /// What of a log's memory the retention still keeps at a time.
    init(of log: RoomLog, keeping retention: Retention, nowMs: Int64) {
        epoch = log.epoch
        top = log.delivered
        let counted = top - min(top, UInt64(retention.countMax)) + 1
        var oldest = max(log.floor, counted)
        var kept = log.recent[...]
        if let first = kept.first, first.offset < oldest {
            kept = kept.dropFirst(Int(min(oldest - first.offset, UInt64(kept.count))))
        }
        if let ageMaxMs = retention.ageMaxMs {
            let aged = kept.prefix { $0.timestampMs <= nowMs - ageMaxMs }
            if let last = aged.last { oldest = last.offset + 1 }
            kept = kept.dropFirst(aged.count)
        }
        publications = kept
        floor = oldest
    }

    /// The page that reading the log would bring, with publications above `after`, oldest first; nil
    /// where it begins before what is held.
    public func page(after offset: UInt64, limit: Int) -> StreamPage? {
        let first = max(min(offset, top) + 1, floor)
        let firstHeld = top + 1 - UInt64(publications.count)
        guard limit == 0 || first >= firstHeld else { return nil }
        let page = limit == 0 ? [] : publications.dropFirst(Int(first - firstHeld)).prefix(limit)
        return StreamPage(epoch: epoch, publications: Array(page), floor: floor, top: top)
    }
}

extension Room {
    /// What the room holds of its stream; nil while it does not follow it.
    public func memory() -> RoomMemory? {
        guard case .live(let log) = state else { return nil }
        return RoomMemory(of: log, keeping: policy.retention, nowMs: rooms.now())
    }

    /// Takes into its memory what was read of the log just before what it holds, so that the next
    /// reader finds it here.
    public func remember(_ page: StreamPage) {
        guard case .live(var log) = state else { return }
        // Emptied first so that the log's buffer has one owner while it grows.
        state = .closed
        log.remember(page, rendering: policy.rendered)
        countMemory(of: &log)
        state = .live(log)
    }
}
