/// Opens clients one after the other: evenly over a time, and only so many at once.
struct Opening: Sendable {
    /// Clients before this one have been begun.
    private(set) var next: Int
    private let first: Int
    private let end: Int
    private let startUs: Int64
    private let rampUpUs: Int64
    /// Clients that are connecting at a time. The server's queue of connections has a bound.
    private let connectingMax: Int

    init(_ clients: Range<Int>, startUs: Int64, rampUpUs: Int64, connectingMax: Int) {
        first = clients.lowerBound
        next = clients.lowerBound
        end = clients.upperBound
        self.startUs = startUs
        self.rampUpUs = rampUpUs
        self.connectingMax = connectingMax
    }

    /// The client to be opened now, where one is due and few enough are connecting; each once.
    mutating func takeNext(connectingCount: Int, atUs nowUs: Int64) -> Int? {
        guard next < end, connectingCount < connectingMax else { return nil }
        let place = Int64(next - first)
        guard nowUs - startUs >= rampUpUs * place / Int64(end - first) else { return nil }
        defer { next += 1 }
        return next
    }
}
