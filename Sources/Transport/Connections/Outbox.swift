/// Bytes that wait for the kernel to take them: what could not be sent at once, or has to keep its
/// order behind such bytes.
struct Outbox: Sendable {
    private var bytes: [UInt8] = []
    private var sentCount = 0

    /// Bytes that wait.
    var count: Int { bytes.count - sentCount }
    var isEmpty: Bool { count == 0 }

    /// Adds to the end through `write`, which may only append.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&bytes)
    }

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
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
        return .bytes(countBefore)
    }

    /// Moves the rest to the front once most of the buffer has been sent.
    private mutating func reclaim() {
        guard sentCount > bytes.count / 2 else { return }
        bytes.removeFirst(sentCount)
        sentCount = 0
    }
}
