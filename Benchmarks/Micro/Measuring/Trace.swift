import CountedAllocations
import Foundation

/// Where the allocations of a benchmark come from: the backtraces that were kept while it ran.
///
/// A seam to C: every text that comes from there is copied at once.
enum Trace {
    /// One place that allocates, and the functions that led there.
    struct Site: Sendable {
        let allocations: UInt64
        let bytes: UInt64
        /// The innermost first.
        let frames: [SourceFrame]
    }

    /// Keeps the backtrace of what the calling thread allocates from here on.
    static func begin() { counted_trace(true) }

    /// Keeps no more.
    static func end() { counted_trace(false) }

    /// What was kept, what allocates most first. Runs `llvm-symbolizer`, which comes with Swift.
    static func sites() throws -> [Site] {
        let kept = (0..<counted_site_count()).map { site in
            (site, addresses(of: site))
        }
        let names = try Symbolizer.names(of: Set(kept.flatMap(\.1)))
        return kept.map { site, addresses in
            Site(
                allocations: counted_site_allocations(site), bytes: counted_site_bytes(site),
                frames: addresses.flatMap { names[$0] ?? [] })
        }.sorted { $0.allocations > $1.allocations }
    }

    /// Allocations from more places than the table holds.
    static var droppedAllocations: UInt64 { counted_dropped_allocations() }

    private static func addresses(of site: Int32) -> [UInt] {
        var addresses: [UInt] = []
        while case let address = counted_site_frame(site, Int32(addresses.count)), address != 0 {
            addresses.append(UInt(address))
        }
        // The counting itself stands before the function that was called.
        return Array(addresses.dropFirst(2))
    }
}
