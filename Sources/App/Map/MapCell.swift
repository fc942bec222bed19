/// A cell of the map: the whole of it at level 0, and each of its four quarters one level deeper, down
/// to cells of a centimetre at level 32.
///
/// Cells are numbered along Morton's curve, the bits of latitude and longitude in turn, so that what
/// is in a cell has neighbouring numbers: `code ..< code + size` of the deepest level.
struct MapCell: Hashable, Sendable {
    static let levelMax = 32

    /// The first number in the cell.
    let code: UInt64
    let level: Int

    /// The whole map.
    static let world = MapCell(code: 0, level: 0)

    private init(code: UInt64, level: Int) {
        self.code = code
        self.level = level
    }

    /// The cell of a level with this number in it.
    init(around number: UInt64, level: Int) {
        code = level == 0 ? 0 : number & ~Self.rest(level)
        self.level = level
    }

    /// The last number in the cell.
    var lastCode: UInt64 { code | Self.rest(level) }

    /// The four quarters, in the order of their numbers. Only above the deepest level.
    var quarters: [MapCell] {
        let step = (Self.rest(level + 1) &+ 1)
        return (0..<4).map { MapCell(code: code &+ $0 &* step, level: level + 1) }
    }

    /// What the cell covers.
    var area: MapArea {
        let north = Self.gathered(code >> 1)
        let east = Self.gathered(code)
        let span = level == 0 ? UInt64(1) << 32 : UInt64(1) << (32 - level)
        return MapArea(
            latitudes: Self.degrees(UInt64(north), 180)...Self.degrees(UInt64(north) + span, 180),
            longitudes: Self.degrees(UInt64(east), 360)...Self.degrees(UInt64(east) + span, 360))
    }

    /// The number of the deepest cell that a place is in.
    static func number(of place: Place) -> UInt64 {
        spread(axis(place.latitude, 180)) << 1 | spread(axis(place.longitude, 360))
    }

    /// The bits of numbers that tell what is inside a cell of a level apart.
    private static func rest(_ level: Int) -> UInt64 {
        level == 0 ? .max : (UInt64(1) << (64 - 2 * level)) - 1
    }

    /// Which of the 2³² strips of an axis that has so many degrees.
    private static func axis(_ degrees: Double, _ whole: Double) -> UInt32 {
        UInt32(min(max(0, (degrees / whole + 0.5) * 0x1p32), Double(UInt32.max)))
    }

    private static func degrees(_ strip: UInt64, _ whole: Double) -> Double {
        (Double(strip) / 0x1p32 - 0.5) * whole
    }

    /// Puts a 0 before each bit.
    private static func spread(_ bits: UInt32) -> UInt64 {
        var spread = UInt64(bits)
        for (shift, mask) in steps { spread = (spread | spread << shift) & mask }
        return spread
    }

    /// Every second bit, from the lowest on.
    private static func gathered(_ bits: UInt64) -> UInt32 {
        var gathered = bits & 0x5555_5555_5555_5555
        gathered = (gathered | gathered >> 1) & 0x3333_3333_3333_3333
        gathered = (gathered | gathered >> 2) & 0x0f0f_0f0f_0f0f_0f0f
        gathered = (gathered | gathered >> 4) & 0x00ff_00ff_00ff_00ff
        gathered = (gathered | gathered >> 8) & 0x0000_ffff_0000_ffff
        return UInt32(truncatingIfNeeded: gathered | gathered >> 16)
    }

    private static let steps: [(UInt64, UInt64)] = [
        (16, 0x0000_ffff_0000_ffff), (8, 0x00ff_00ff_00ff_00ff), (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333), (1, 0x5555_5555_5555_5555),
    ]
}
