/// The bytes of an image on their way through a filter: what has come and is not decided about, what is
/// to be kept.
struct ImageFeed: Sendable {
    private var input: [UInt8] = []
    private var start = 0
    private var passing = 0
    private var skipping = 0
    /// What is kept.
    private(set) var output: [UInt8] = []
    /// Bytes that were kept before those of `output`.
    private var givenBytes = 0

    /// Bytes that were kept so far.
    var keptBytes: Int { givenBytes + output.count }

    /// Whether bytes that are to be kept have not come.
    var isShort: Bool { passing > 0 }

    mutating func append(_ bytes: [UInt8]) {
        input.removeFirst(start)
        start = 0
        input += bytes
        drain()
    }

    /// Hands over what is kept so far.
    mutating func takeOutput() -> [UInt8] {
        givenBytes += output.count
        return exchange(&output, with: [])
    }

    /// The next `count` bytes, which stay; nil until all of them are here, and those before them that
    /// are to be passed or skipped have been.
    func peek(_ count: Int) -> ArraySlice<UInt8>? {
        guard passing == 0, skipping == 0, input.count - start >= count else { return nil }
        return input[start..<(start + count)]
    }

    /// Keeps the next `count` bytes, also those that are still to come.
    mutating func pass(_ count: Int) {
        passing += count
        drain()
    }

    /// Drops the next `count` bytes, also those that are still to come.
    mutating func skip(_ count: Int) {
        precondition(passing == 0, "what is skipped comes after what is passed")
        skipping += count
        drain()
    }

    /// Keeps bytes that were not there.
    mutating func insert(_ bytes: [UInt8]) {
        precondition(passing == 0 && skipping == 0, "what is inserted has its place")
        output += bytes
    }

    /// Keeps what has come up to the next `byte`; false where that is not here.
    mutating func pass(before byte: UInt8) -> Bool {
        guard passing == 0, skipping == 0 else { return false }
        let end = input[start...].firstIndex(of: byte)
        output += input[start..<(end ?? input.count)]
        start = end ?? input.count
        return end != nil
    }

    private mutating func drain() {
        let passed = min(passing, input.count - start)
        output += input[start..<(start + passed)]
        start += passed
        passing -= passed
        guard passing == 0 else { return }
        let skipped = min(skipping, input.count - start)
        start += skipped
        skipping -= skipped
    }
}

extension ArraySlice<UInt8> {
    /// The bytes as a number, the most significant first.
    var bigEndian: Int { reduce(0) { $0 << 8 | Int($1) } }

    /// The bytes as a number, the least significant first.
    var littleEndian: Int { reversed().reduce(0) { $0 << 8 | Int($1) } }

    /// The byte at a distance from the first.
    func byte(_ offset: Int) -> UInt8 { self[startIndex + offset] }

    /// So many bytes from a distance on.
    func bytes(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> {
        self[(startIndex + offset)..<(startIndex + offset + count)]
    }
}
