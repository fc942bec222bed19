import Engine
import TestSupport
import Testing

@testable import App

struct NearestSearchTests {
    /// An index as the store has it.
    private struct Index {
        private let entries: [IndexEntry]
        private let places: [String: Place]

        init(_ places: [Place]) {
            var known: [String: Place] = [:]
            for (number, place) in places.enumerated() { known[String(number)] = place }
            self.places = known
            entries = known.map { IndexEntry(sortKey: MapIndex.sortKey(of: $1), id: $0) }
                .sorted {
                    if $0.sortKey == $1.sortKey { return $0.id < $1.id }
                    return $0.sortKey.lexicographicallyPrecedes($1.sortKey)
                }
        }

        /// What a search finds, and how many entries it read.
        func nearest(
            to center: Place, withinKm radiusKm: Double
        ) -> (found: [NearestSearch.Neighbour], readCount: Int, entryCount: Int) {
            var search = NearestSearch(around: center, withinKm: radiusKm)
            var (readCount, entryCount) = (0, 0)
            while let read = search.nextRead() {
                let lowest = read.range.lowest ?? []
                let first = entries.partitioningIndex {
                    !$0.sortKey.lexicographicallyPrecedes(lowest)
                }
                let found = entries[first...].dropFirst(read.skip).prefix(NearestSearch.readSize)
                    .prefix { entry in
                        read.range.end.map { entry.sortKey.lexicographicallyPrecedes($0) } ?? true
                    }
                readCount += 1
                entryCount += found.count
                search.take(Array(found), of: read)
            }
            return (search.found, readCount, entryCount)
        }

        /// The distances that comparing with each gives.
        func distances(from center: Place, withinKm radiusKm: Double) -> [Double] {
            places.values.map { GreatCircle.distanceKm(center, $0) }.filter { $0 <= radiusKm }
                .sorted()
        }

        func distance(of id: String, from center: Place) -> Double? {
            places[id].map { GreatCircle.distanceKm(center, $0) }
        }
    }

    /// Places where it is hard: everywhere, at the poles, at the date line, in a town, on one spot.
    private func places(_ count: Int, _ random: inout SeededRandom) -> [Place] {
        (0..<count).map { _ in
            switch Int.random(in: 0..<6, using: &random) {
            case 0: place(-90...90, -180...180, &random)
            case 1: place(89.9...90, -180...180, &random)
            case 2: place(-90...(-89), -180...180, &random)
            case 3: place(-1...1, Bool.random(using: &random) ? 179...180 : -180...(-179), &random)
            case 4: place(37.4...37.7, 126.8...127.2, &random)
            default: Place(latitude: 37.5665, longitude: 126.978)
            }
        }
    }

    private func place(
        _ latitudes: ClosedRange<Double>, _ longitudes: ClosedRange<Double>,
        _ random: inout SeededRandom
    ) -> Place {
        Place(
            latitude: .random(in: latitudes, using: &random),
            longitude: .random(in: longitudes, using: &random))
    }

    @Test(arguments: 0..<30)
    func `finds what comparing with every place finds, in this order`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let index = Index(places(Int.random(in: 0...4_000, using: &random), &random))
        let hard = [
            Place(latitude: 90, longitude: 0), Place(latitude: -90, longitude: 180),
            Place(latitude: 0, longitude: 180), Place(latitude: 0, longitude: -180),
            Place(latitude: 37.5665, longitude: 126.978), Place(latitude: 0, longitude: 0),
        ]
        for center in hard + places(6, &random) {
            let radiusKm = [0, 0.5, 5, 50, 1_000, 20_100].randomElement(using: &random)!
            let expected = index.distances(from: center, withinKm: radiusKm)
            let found = index.nearest(to: center, withinKm: radiusKm).found
            #expect(found.count == min(expected.count, NearestSearch.foundMax))
            #expect(Set(found.map(\.id)).count == found.count)
            for (neighbour, distanceKm) in zip(found, expected) {
                #expect(abs(neighbour.distanceKm - distanceKm) < 1e-4)
                #expect(index.distance(of: neighbour.id, from: center) == neighbour.distanceKm)
            }
        }
    }

    @Test func `reads little of a dense map`() {
        var random = SeededRandom(seed: 1)
        let index = Index((0..<50_000).map { _ in place(37.4...37.7, 126.8...127.2, &random) })
        let center = Place(latitude: 37.55, longitude: 127)
        for radiusKm in [5, 20, 100, 20_100] {
            let (found, readCount, entryCount) = index.nearest(
                to: center, withinKm: Double(radiusKm))
            #expect(found.count == 1_000)
            #expect(readCount < 40)
            #expect(entryCount < 4_000)
        }
    }

    @Test func `reads little where everything is on one spot`() {
        let spot = Place(latitude: 37.5665, longitude: 126.978)
        let index = Index([Place](repeating: spot, count: 20_000))
        let (found, readCount, _) = index.nearest(to: spot, withinKm: 5)
        #expect(found.count == 1_000)
        #expect(readCount < 40)
    }
}

extension Array {
    /// The first place whose element has what all after it have, too.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
