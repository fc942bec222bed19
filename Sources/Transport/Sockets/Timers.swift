/// Work that is due at some time, in the order of the times: a binary heap.
package struct Timers: Sendable {
    package typealias Work = @Sendable () -> Void

    private struct Entry {
        let dueMs: Int64
        /// Keeps entries of one time in the order they came.
        let number: UInt64
        let work: Work

        func precedes(_ other: Entry) -> Bool {
            dueMs != other.dueMs ? dueMs < other.dueMs : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var numberLast: UInt64 = 0

    /// None yet.
    package init() {}

    /// When the first entry is due; nil: there is none.
    var nextDueMs: Int64? { heap.first?.dueMs }

    package mutating func insert(dueMs: Int64, _ work: @escaping Work) {
        numberLast += 1
        heap.append(Entry(dueMs: dueMs, number: numberLast, work: work))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the first entry that is due by `nowMs`.
    package mutating func popDue(nowMs: Int64) -> Work? {
        guard let first = heap.first, first.dueMs <= nowMs else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.work
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
