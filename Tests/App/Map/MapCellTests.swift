import TestSupport
import Testing

@testable import App

struct MapCellTests {
    private let places = [
        Place(latitude: 37.5665, longitude: 126.978), Place(latitude: -90, longitude: -180),
        Place(latitude: 90, longitude: 180), Place(latitude: 0, longitude: 0),
        Place(latitude: -33.8688, longitude: 151.2093), Place(latitude: 1e-12, longitude: -1e-12),
    ]

    @Test func `the cells around a place cover it, each within the one before`() {
        for place in places {
            let number = MapCell.number(of: place)
            var outer = MapCell.world
            for level in 1...MapCell.levelMax {
                let cell = MapCell(around: number, level: level)
                #expect(outer.quarters.contains(cell))
                #expect((cell.code...cell.lastCode).contains(number))
                #expect(cell.area.latitudes.contains(place.latitude))
                #expect(cell.area.longitudes.contains(place.longitude))
                outer = cell
            }
        }
    }

    @Test func `quarters share a cell out`() {
        let cell = MapCell(around: MapCell.number(of: places[0]), level: 20)
        let quarters = cell.quarters
        #expect(quarters.first?.code == cell.code)
        #expect(quarters.last?.lastCode == cell.lastCode)
        for (one, next) in zip(quarters, quarters.dropFirst()) {
            #expect(one.lastCode + 1 == next.code)
        }
    }

    @Test func `the world has all numbers`() {
        #expect(MapCell.world.lastCode == .max)
        #expect(MapCell.world.area.latitudes == -90...90)
        #expect(MapCell.world.area.longitudes == -180...180)
        #expect(MapCell.world.quarters.map(\.lastCode).last == .max)
    }

    @Test func `a sort key gives the place back and lies within its cell's keys`() {
        for place in places {
            let key = MapIndex.sortKey(of: place)
            #expect(MapIndex.place(in: key) == place)
            let first = MapIndex.sortKey(from: MapCell.number(of: place))
            #expect(!key.lexicographicallyPrecedes(first))
        }
        #expect(MapIndex.place(in: []) == nil)
    }

    /// From, to, and kilometres by another program.
    private static let distances: [(Place, Place, Double)] = [
        (seoul, Place(latitude: 35.1796, longitude: 129.0756), 325.1),
        (seoul, Place(latitude: 35.6762, longitude: 139.6503), 1_149.4),
        (Place(latitude: 0, longitude: 179.5), Place(latitude: 0, longitude: -179.5), 111.2),
        (Place(latitude: 89, longitude: 0), Place(latitude: 89, longitude: 180), 222.4),
        (Place(latitude: 90, longitude: 12), Place(latitude: 90, longitude: -100), 0),
        (Place(latitude: 0, longitude: 0), Place(latitude: 0, longitude: 180), 20_015.1),
    ]
    private static let seoul = Place(latitude: 37.5665, longitude: 126.978)

    @Test(arguments: distances)
    func `distances are those of a sphere`(from: Place, to: Place, km: Double) {
        #expect(abs(GreatCircle.distanceKm(from, to) - km) < 0.6)
        #expect(GreatCircle.distanceKm(from, to) == GreatCircle.distanceKm(to, from))
    }

    /// Points on a grid over an area stand for the area.
    @Test(arguments: 0..<20)
    func `an area is as far away as its nearest point`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let from = Place(
                latitude: .random(in: -90...90, using: &random),
                longitude: .random(in: -180...180, using: &random))
            let level = Int.random(in: 1...8, using: &random)
            let cell = MapCell(around: random.next(), level: level)
            let (area, steps) = (cell.area, 40)
            func along(_ range: ClosedRange<Double>, _ step: Int) -> Double {
                range.lowerBound
                    + (range.upperBound - range.lowerBound) * Double(step) / Double(steps)
            }
            var nearest = Double.infinity
            for north in 0...steps {
                for east in 0...steps {
                    let point = Place(
                        latitude: along(area.latitudes, north),
                        longitude: along(area.longitudes, east))
                    nearest = min(nearest, GreatCircle.distanceKm(from, point))
                }
            }
            let distance = GreatCircle.distanceKm(from, area)
            #expect(distance <= nearest + 1e-6)
            // Half the diagonal of the grid's cells.
            #expect(distance >= nearest - 20_016 / Double(steps) / Double(1 << level) * 1.2)
        }
    }
}
