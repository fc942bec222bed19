/// What will happen outside of the loops, by the time it is due. What is due at the same time comes
/// in an order that the tie decides.
struct Agenda {
    typealias Event = () -> Void

    private struct Entry {
        let dueMs: Int64
        let tie: UInt64
        let event: Event

        func precedes(_ other: Entry) -> Bool {
            dueMs == other.dueMs ? tie < other.tie : dueMs < other.dueMs
        }
    }

    /// A binary heap: the first element precedes all others.
    private var heap: [Entry] = []

    /// When the next event is due; nil: there is none.
    var nextDueMs: Int64? { heap.first?.dueMs }

    mutating func add(atMs dueMs: Int64, tie: UInt64, _ event: @escaping Event) {
        heap.append(Entry(dueMs: dueMs, tie: tie, event: event))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the next event. There must be one.
    mutating func take() -> Event {
        let first = heap[0]
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.event }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { return first.event }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
