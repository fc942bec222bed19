import Engine
import Foundation

/// Finds what is nearest to a place in an index that is ordered along Morton's curve: always goes on
/// where the next one could be, and reads nothing twice.
///
/// It says what to read (`nextRead`) and is told what was there (`take`).
struct NearestSearch: Sendable {
    struct Neighbour: Sendable, Hashable {
        let id: String
        let distanceKm: Double
    }

    /// What is to be read of the index next: up to `NearestSearch.readSize` entries.
    struct Read: Sendable {
        let range: IndexRange
        let skip: Int
        fileprivate let cell: MapCell
    }

    /// Bounds what is found of what lies within the radius: the nearest.
    static let foundMax = 1_000
    /// Bounds how often it reads; reached only where very many lie at the edge of the circle.
    static let readsMax = 250
    static let readSize = 128

    private enum Candidate: Sendable {
        case place(id: String)
        case part(Read)
    }

    /// The nearest first.
    private(set) var found: [Neighbour] = []
    private let center: Place
    private let radiusKm: Double
    private var candidates = NearestFirst<Candidate>()
    private var readCount = 0

    /// Rounding must not make a cell seem farther away than what is in it.
    private static func leastKm(_ distanceKm: Double) -> Double {
        distanceKm * (1 - 1e-7) - 1e-6
    }

    init(around center: Place, withinKm radiusKm: Double) {
        self.center = center
        self.radiusKm = radiusKm
        // The way down to the center's cell, as small as what a first read may well fill, with what
        // lies beside the way.
        let halvings = log2(GreatCircle.distanceMaxKm / max(radiusKm, 0.01))
        let depth = Int(halvings.rounded(.up)) + 2
        let number = MapCell.number(of: center)
        var cell = MapCell.world
        while cell.level < depth {
            let inner = MapCell(around: number, level: cell.level + 1)
            for quarter in cell.quarters where quarter != inner { add(quarter) }
            cell = inner
        }
        add(cell)
    }

    /// What to read next; nil: all is found.
    mutating func nextRead() -> Read? {
        while found.count < Self.foundMax, readCount < Self.readsMax,
            let (candidate, distanceKm) = candidates.popFirst()
        {
            switch candidate {
            case .place(let id): found.append(Neighbour(id: id, distanceKm: distanceKm))
            case .part(let read):
                readCount += 1
                return read
            }
        }
        return nil
    }

    /// Takes what a read found, which is all there is where it has fewer than `readSize` entries.
    mutating func take(_ entries: [IndexEntry], of read: Read) {
        for entry in entries {
            guard let place = MapIndex.place(in: entry.sortKey) else { continue }
            let distanceKm = GreatCircle.distanceKm(center, place)
            if distanceKm <= radiusKm {
                candidates.insert(.place(id: entry.id), atKm: distanceKm)
            }
        }
        guard entries.count == Self.readSize, let last = entries.last,
            let place = MapIndex.place(in: last.sortKey)
        else { return }
        let alike = entries.reversed().prefix { $0.sortKey == last.sortKey }.count
        let isAllAlike = alike == entries.count && read.range.lowest == last.sortKey
        let skip = alike + (isAllAlike ? read.skip : 0)
        addRest(of: read.cell, after: place, last.sortKey, skip: skip)
    }

    /// What is left of a cell after an entry, in smaller pieces: those near the center come first.
    private mutating func addRest(
        of cell: MapCell, after place: Place, _ sortKey: [UInt8], skip: Int
    ) {
        let number = MapCell.number(of: place)
        var cell = cell
        for _ in 0..<2 where cell.level < MapCell.levelMax {
            let inner = MapCell(around: number, level: cell.level + 1)
            for quarter in cell.quarters where quarter.code > inner.code { add(quarter) }
            cell = inner
        }
        add(cell, from: sortKey, skip: skip, at: place)
    }

    /// A whole cell, where any of it is within the radius.
    private mutating func add(_ cell: MapCell) {
        add(cell, from: MapIndex.sortKey(from: cell.code), skip: 0, at: nil)
    }

    /// A cell from a key on, which is the one of `place`.
    private mutating func add(
        _ cell: MapCell, from lowest: [UInt8], skip: Int, at place: Place?
    ) {
        let isPoint = cell.level == MapCell.levelMax
        let distanceKm =
            if isPoint, let place {
                GreatCircle.distanceKm(center, place)
            } else {
                Self.leastKm(GreatCircle.distanceKm(center, cell.area))
            }
        guard distanceKm <= radiusKm else { return }
        let end = cell.lastCode == .max ? nil : MapIndex.sortKey(from: cell.lastCode + 1)
        candidates.insert(
            .part(Read(range: IndexRange(from: lowest, upTo: end), skip: skip, cell: cell)),
            atKm: distanceKm)
    }
}

extension Articles {
    /// The trades (of a category, where one is given) within a radius, the nearest first, at most
    /// `NearestSearch.foundMax`.
    func trades(
        near center: Place, withinKm radiusKm: Double, _ category: TradeCategory?
    ) async throws(StoreError) -> [NearestSearch.Neighbour] {
        var search = NearestSearch(around: center, withinKm: radiusKm)
        while let read = search.nextRead() {
            let entries = try await store.entries(
                of: MapIndex.index(category), in: read.range, descending: false, skip: read.skip,
                limit: NearestSearch.readSize)
            search.take(entries, of: read)
        }
        return search.found
    }
}
