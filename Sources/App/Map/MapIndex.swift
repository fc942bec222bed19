import Engine

/// Where trades are on the map: indexes in the order of Morton's curve, one of all and one of each
/// category. A sort key also has the place itself, so that distances need no records.
enum MapIndex {
    /// The trades of a category; nil: of all.
    static func index(_ category: TradeCategory?) -> String {
        category.map { "trade/near/\($0.rawValue)" } ?? "trade/near"
    }

    /// Where an offer is listed: nowhere, unless the seller says where it is.
    static func listings(of terms: TradeTerms, _ id: String) -> [Listing] {
        guard let place = terms.place else { return [] }
        return [nil, terms.category].map { Listing(index($0), sortKey(of: place), id) }
    }

    /// The first key that anything in a cell from this number on can have.
    static func sortKey(from number: UInt64) -> [UInt8] { bytes(number) }

    static func sortKey(of place: Place) -> [UInt8] {
        bytes(MapCell.number(of: place)) + bytes(place.latitude.bitPattern)
            + bytes(place.longitude.bitPattern)
    }

    /// The place that a sort key was made of; nil for other bytes.
    static func place(in sortKey: [UInt8]) -> Place? {
        guard sortKey.count == 24 else { return nil }
        return Place(
            latitude: Double(bitPattern: number(sortKey[8..<16])),
            longitude: Double(bitPattern: number(sortKey[16...])))
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
