/// What is nearest comes out first, and of what is equally near what was put in first: a binary heap.
struct NearestFirst<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        let distanceKm: Double
        let number: Int
        let item: Item

        func precedes(_ other: Entry) -> Bool {
            (distanceKm, number) < (other.distanceKm, other.number)
        }
    }

    private var heap: [Entry] = []
    private var numberLast = 0

    mutating func insert(_ item: Item, atKm distanceKm: Double) {
        numberLast += 1
        heap.append(Entry(distanceKm: distanceKm, number: numberLast, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst() -> (item: Item, distanceKm: Double)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                    if heap[child].precedes(heap[least]) { least = child }
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.item, first.distanceKm)
    }
}
