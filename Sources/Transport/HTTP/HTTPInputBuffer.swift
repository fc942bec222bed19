/// Bytes that have arrived and are not parsed yet. Holds no heap memory while it is empty.
struct HTTPInputBuffer: Sendable {
    /// Why no line can be had.
    enum LineError: Error {
        case tooLong
        case forbiddenByte
    }

    /// What `findLine` gives places in.
    private(set) var bytes: [UInt8] = []
    /// Everything before it is parsed.
    private var start = 0
    /// Where the search for the line's end goes on, so that no byte is looked at twice.
    private var searched = 0

    /// How many bytes wait.
    var count: Int { bytes.count - start }

    var isEmpty: Bool { bytes.isEmpty }

    /// Bytes of memory it has taken.
    var heldBytes: Int { bytes.capacity }

    /// Adds bytes after all others, and lets go of what is parsed.
    mutating func append(_ new: Span<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(addingCapacity: new.count) { output in
            for index in new.indices { output.append(new[index]) }
        }
    }

    /// Where in `bytes` the next line lies, without its CR LF; nil until all of it has arrived.
    ///
    /// The same error is found however the line arrives: a line is searched from its start, and
    /// fails at the first byte that is a control character other than the tab, or that lies beyond
    /// `bytesMax` (which counts the line end).
    mutating func findLine(bytesMax: Int) throws(LineError) -> Range<Int>? {
        let received = bytes  // shared, not copied
        let limit = start + bytesMax
        var index = searched
        while index < received.count {
            guard index < limit else { throw .tooLong }
            let byte = received[index]
            if HTTPGrammar.isText(byte) {
                index += 1
                continue
            }
            guard byte == HTTPGrammar.carriageReturn else { throw .forbiddenByte }
            guard index + 1 < received.count else { break }
            guard index + 1 < limit else { throw .tooLong }
            guard received[index + 1] == HTTPGrammar.lineFeed else { throw .forbiddenByte }
            searched = index
            return start..<index
        }
        searched = index
        return nil
    }

    /// Goes on after a line that `findLine` found.
    mutating func discard(line: Range<Int>) {
        discard(line.count + 2)
    }

    /// Goes on after the next `count` bytes.
    mutating func discard(_ count: Int) {
        start += count
        searched = start
        if start == bytes.count { removeAll() }
    }

    /// The next byte, which stays.
    var next: UInt8? { start < bytes.count ? bytes[start] : nil }

    /// Hands over up to `countMax` of the next bytes; without a copy where these are all there is.
    mutating func take(_ countMax: Int) -> [UInt8] {
        if start == 0, bytes.count <= countMax {
            let all = bytes
            removeAll()
            return all
        }
        let taken = Array(bytes[start..<(start + min(count, countMax))])
        discard(taken.count)
        return taken
    }

    /// Hands over the bytes before the next `delimiter`, which stays. Where it is not here, those that
    /// can't be a part of it; then `isFound` is false.
    ///
    /// The first byte of the delimiter may not occur in it again.
    mutating func take(before delimiter: [UInt8]) -> (bytes: [UInt8], isFound: Bool) {
        let received = bytes  // shared, not copied
        var place = start
        search: while place < received.count {
            guard received[place] == delimiter[0] else {
                place += 1
                continue
            }
            for index in 1..<delimiter.count {
                guard place + index < received.count else { break search }
                if received[place + index] != delimiter[index] {
                    place += index
                    continue search
                }
            }
            return (take(place - start), true)
        }
        return (take(place - start), false)
    }

    /// Gives the memory back.
    mutating func removeAll() {
        bytes = []
        start = 0
        searched = 0
    }
}
