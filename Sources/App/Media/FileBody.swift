import Synchronization
import Transport

/// A part of a file as the body of a response. The file is closed with it.
final class FileBody: HTTPBodySource {
    private let file: OpenFile
    private let pool: BlockingPool
    private let range: Range<Int>
    /// Where the next piece begins.
    private let place: Atomic<Int>

    private static let pieceBytes = 128 * 1_024

    init(_ file: OpenFile, _ range: Range<Int>, pool: BlockingPool) {
        self.file = file
        self.pool = pool
        self.range = range
        place = Atomic(range.lowerBound)
    }

    var byteCount: Int { range.count }

    @concurrent func next() async -> [UInt8] {
        let start = place.load(ordering: .relaxed)
        let count = min(Self.pieceBytes, range.upperBound - start)
        // A file that can't be read is one that ends too early: the response is cut off.
        let piece = try? await pool.run { [file] in
            (try? file.read(from: start, count: count)) ?? []
        }
        place.store(start + (piece?.count ?? 0), ordering: .relaxed)
        return piece ?? []
    }
}
