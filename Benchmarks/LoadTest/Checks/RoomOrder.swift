/// Watches that all members of a room see the same message at the same offset.
///
/// Remembers the first report of the latest 1,024 offsets; a member that is further behind than
/// that is not compared.
struct RoomOrder: Sendable {
    private struct Entry {
        var offset: Int64 = -1
        var sender = 0
        var sequence: Int64 = 0
    }

    private var entries: [Entry] = Array(repeating: Entry(), count: entryCount)

    private static let entryCount = 1_024

    /// Takes what a member saw at an offset; false where another member saw something else there.
    mutating func agrees(offset: Int64, sender: Int, sequence: Int64) -> Bool {
        let index = Int(offset) & (Self.entryCount - 1)
        let known = entries[index]
        guard offset <= known.offset else {
            entries[index] = Entry(offset: offset, sender: sender, sequence: sequence)
            return true
        }
        return offset < known.offset || (known.sender == sender && known.sequence == sequence)
    }
}
