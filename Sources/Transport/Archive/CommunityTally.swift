/// How much there is of what a community's data consist of.
public struct CommunityTally: Hashable, Sendable {
    public private(set) var records = 0
    public private(set) var indexEntries = 0
    public private(set) var counters = 0
    public private(set) var streams = 0
    /// The entries of all streams.
    public private(set) var publications = 0
    /// Idempotency keys that are remembered.
    public private(set) var publishKeys = 0

    public init() {}

    /// All of it together.
    public var count: Int {
        records + indexEntries + counters + streams + publications + publishKeys
    }

    mutating func add(_ item: ArchiveItem) {
        switch item {
        case .record: records += 1
        case .entry: indexEntries += 1
        case .counter: counters += 1
        case .stream: streams += 1
        case .publication: publications += 1
        case .publishKey: publishKeys += 1
        }
    }
}
