/// The beginning of something whose end has not come yet, kept from one read to the next.
///
/// Where nothing is kept, and that is most of the time, what was read is looked at in place.
struct UnreadBytes: Sendable {
    private var kept: [UInt8] = []

    private static let bytesMax = 1 << 26

    /// Shows `take` what is unread, which answers how many bytes it has done with; keeps the rest.
    mutating func read(
        _ bytes: Span<UInt8>, _ take: (Span<UInt8>) throws(ClientFailure) -> Int
    ) throws(ClientFailure) {
        guard !kept.isEmpty else {
            let count = try take(bytes)
            if count < bytes.count { kept.append(bytes.extracting(count...)) }
            return
        }
        var all: [UInt8] = []
        swap(&all, &kept)
        all.append(bytes)
        guard all.count <= Self.bytesMax else { throw .brokenProtocol("a message without end") }
        let count = try take(all.span)
        if count == 0 {
            // Grows in place while one long unit arrives.
            swap(&all, &kept)
        } else if count < all.count {
            kept.append(all.span.extracting(count...))
        }
    }
}
