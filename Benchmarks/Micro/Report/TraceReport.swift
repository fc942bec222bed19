/// The places that allocate, for people.
enum TraceReport {
    private static let framesMax = 10
    /// The functions of a benchmark itself; what called them is the same everywhere.
    private static let ends = [
        "Meter.measure(", "Reactor.receive(_:", "Reactor.finishTick(", "Reactor.tick(",
    ]

    /// Prints each place with how often an operation passes it: the function of the standard library
    /// that allocates, if one does, and the written functions that led there, the innermost first.
    static func write(_ sites: [Trace.Site], of measurement: Measurement) {
        let total = sites.reduce(0) { $0 + $1.allocations }
        guard total > 0, measurement.allocations > 0 else { return print("no allocations") }
        let operations = Double(total) / measurement.allocations
        for site in sites {
            let each = Table.text(Double(site.allocations) / operations, digits: 2)
            print("\n\(each) an operation, \(site.bytes / site.allocations) bytes each")
            for frame in shown(site.frames) { print("    \(frame.text)") }
        }
        if Trace.droppedAllocations > 0 {
            print("\n\(Trace.droppedAllocations) allocations of further places are not shown")
        }
    }

    private static func shown(_ frames: [SourceFrame]) -> [SourceFrame] {
        let allocator = frames.drop { $0.text.hasPrefix("swift_") }.prefix(1)
        let written = frames.filter(\.isWritten)
        let end = written.firstIndex { frame in ends.contains { frame.text.hasPrefix($0) } }
        let led = written[..<(end ?? written.count)].prefix(framesMax)
        return allocator.filter { !$0.isWritten } + led
    }
}
