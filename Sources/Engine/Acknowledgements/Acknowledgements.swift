/// What a subscriber has dealt with of a stream: everything up to a cursor, and ranges above it.
///
/// It only grows. Offsets between the cursor and the ranges, and after the last one, are owed.
public struct Acknowledgements: Sendable, Hashable {
    public let epoch: Epoch
    /// Everything up to here has been dealt with, and the next offset has not.
    public private(set) var cursor: UInt64
    /// Ascending, with at least one offset that is owed before each of them.
    public private(set) var ranges: [ClosedRange<UInt64>] = []

    /// Ranges beyond which no single message is taken that would make one more: who acknowledges
    /// every other message must deal with the older ones some day.
    public static let rangesMax = 256

    public init(epoch: Epoch, cursor: UInt64) {
        self.epoch = epoch
        self.cursor = cursor
    }

    /// Whether a message needs not be sent (again).
    public func contains(_ offset: UInt64) -> Bool {
        if offset <= cursor { return true }
        let place = firstPlace { $0.upperBound >= offset }
        return place < ranges.count && ranges[place].contains(offset)
    }

    /// Takes a message and everything before it (`ack:client`).
    public mutating func acknowledge(upTo offset: UInt64) {
        guard offset > cursor else { return }
        cursor = offset
        ranges.removeFirst(firstPlace { $0.upperBound > offset })
        if let first = ranges.first, first.lowerBound <= offset + 1 {
            cursor = first.upperBound
            ranges.removeFirst()
        }
    }

    /// Takes one message (`ack:client-individual`); refuses, and changes nothing, where that would be
    /// one range too many.
    public mutating func acknowledge(only offset: UInt64) throws(Refusal) {
        guard !contains(offset) else { return }
        guard offset > cursor + 1 else { return acknowledge(upTo: offset) }
        let place = firstPlace { $0.lowerBound > offset }
        let joinsBefore = place > 0 && ranges[place - 1].upperBound + 1 == offset
        let joinsAfter = place < ranges.count && ranges[place].lowerBound == offset + 1
        let lower = joinsBefore ? ranges[place - 1].lowerBound : offset
        let upper = joinsAfter ? ranges[place].upperBound : offset
        guard joinsBefore || joinsAfter || ranges.count < Self.rangesMax else {
            throw Refusal(
                .tooLarge, "too many messages are acknowledged out of turn; see to older ones first"
            )
        }
        ranges.replaceSubrange(
            place - (joinsBefore ? 1 : 0)..<place + (joinsAfter ? 1 : 0), with: [lower...upper])
    }

    /// Takes what another session has acknowledged of the same stream. The ranges may be more than
    /// `rangesMax` after it.
    public mutating func formUnion(_ other: Acknowledgements) {
        precondition(other.epoch == epoch, "offsets of two epochs have nothing in common")
        let sorted = (ranges + other.ranges).sorted { $0.lowerBound < $1.lowerBound }
        cursor = max(cursor, other.cursor)
        ranges = []
        for range in sorted {
            if range.lowerBound <= cursor + 1 {
                cursor = max(cursor, range.upperBound)
            } else if let last = ranges.last, range.lowerBound <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    private func firstPlace(where holds: (ClosedRange<UInt64>) -> Bool) -> Int {
        var places = ranges.indices
        while !places.isEmpty {
            let middle = places.lowerBound + places.count / 2
            places =
                holds(ranges[middle])
                ? places.lowerBound..<middle : middle + 1..<places.upperBound
        }
        return places.lowerBound
    }
}

/// The text form in the store: `7:12 15-17 20-20`.
extension Acknowledgements {
    var text: String {
        ranges.reduce(into: Position(epoch: epoch, offset: cursor).description) {
            $0 += " \($1.lowerBound)-\($1.upperBound)"
        }
    }

    /// Nil for anything but such a text.
    init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard let first = words.first, let position = Position(first) else { return nil }
        self.init(epoch: position.epoch, cursor: position.offset)
        for word in words.dropFirst() {
            let ends = word.split(separator: "-")
            guard ends.count == 2, let lower = UInt64(ends[0]), let upper = UInt64(ends[1]),
                let owed = (ranges.last?.upperBound ?? cursor).successor, lower > owed,
                lower <= upper
            else { return nil }
            ranges.append(lower...upper)
        }
    }
}

extension UInt64 {
    fileprivate var successor: UInt64? { self == .max ? nil : self + 1 }
}
