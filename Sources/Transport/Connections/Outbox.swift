/// Bytes that wait for the kernel to take them: what could not be sent at once, or has to keep its
/// order behind such bytes.
struct Outbox: Sendable {
    private var bytes: [UInt8] = []
    private var sentCount = 0
    /// Where in `bytes` some of the appended pieces end, ascending: one for each `markBytes` or so.
    private var marks: [Int] = []

    /// Pieces that are smaller together are not told apart.
    static let markBytes = 16 * 1_024

    /// Bytes that wait.
    var count: Int { bytes.count - sentCount }
    var isEmpty: Bool { count == 0 }
    /// Bytes of memory it has taken.
    var heldBytes: Int { bytes.capacity }

    /// Adds a piece to the end through `write`, which may only append.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        mark()
        write(&bytes)
    }

    mutating func append(_ more: some Collection<UInt8>) {
        mark()
        bytes.append(contentsOf: more)
    }

    private mutating func mark() {
        if bytes.count - (marks.last ?? 0) >= Self.markBytes { marks.append(bytes.count) }
    }

    /// Sends until nothing is left or the kernel takes no more. An emptied outbox holds no memory.
    mutating func flush(to descriptor: Int32) -> Transfer {
        let countBefore = count
        while sentCount < bytes.count {
            switch Socket.send(descriptor, bytes, from: sentCount) {
            case .bytes(let count):
                sentCount += count
            case let stop:
                reclaim()
                return stop
            }
        }
        bytes = []
        sentCount = 0
        marks = []
        return .bytes(countBefore)
    }

    /// Moves the rest to the front once most of the buffer has been sent.
    private mutating func reclaim() {
        guard sentCount > bytes.count / 2 else { return }
        bytes.removeFirst(sentCount)
        marks = marks.filter { $0 >= sentCount }.map { $0 - sentCount }
        sentCount = 0
    }

    /// Drops pieces from the end, and their memory, as many as it can: never a part of one, and none
    /// of which something was sent. What is left ends where a piece does.
    mutating func drop() {
        guard let end = marks.first(where: { $0 >= sentCount }) else { return }
        bytes = Array(bytes[sentCount..<end])
        sentCount = 0
        marks = []
    }
}
