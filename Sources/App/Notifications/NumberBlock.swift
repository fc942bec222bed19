import Engine
import Synchronization

/// Gives out numbers of a counter, which this node takes a block of at a time: most cost no write.
/// Numbers are never given twice; those of a node that ends are left out.
final class NumberBlock: Sendable {
    private static let size: Int64 = 64

    private let counter: String
    private let store: any Store
    private let left = Mutex<Range<Int64>>(0..<0)

    init(_ counter: String, in store: any Store) {
        self.counter = counter
        self.store = store
    }

    /// The next number.
    func next() async throws(StoreError) -> Int64 {
        if let number = left.withLock({ Self.take(&$0) }) { return number }
        let top = try await store.advance(counter, by: Self.size)
        let block = (top - Self.size + 1)..<(top + 1)
        return left.withLock { left in
            // Somebody else who found none has brought a block, too: the larger rest stays.
            if left.count < block.count { left = block.dropFirst() }
            return block.lowerBound
        }
    }

    private static func take(_ left: inout Range<Int64>) -> Int64? {
        guard let number = left.first else { return nil }
        left = left.dropFirst()
        return number
    }
}
