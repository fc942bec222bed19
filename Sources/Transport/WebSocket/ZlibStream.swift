import CZlib

/// A compression or decompression state of zlib for raw DEFLATE (RFC 1951), the one place where
/// zlib is called.
///
/// A seam to unsafe memory. The `z_stream` has one owner and a fixed address, because zlib's state
/// points back at it; it is freed in `deinit`. zlib sees the caller's buffers only during `run`,
/// bounded by their counts.
@safe struct ZlibStream: ~Copyable {
    enum Direction {
        /// `windowBits` is 9...15, `level` zlib's 0...9, `memoryLevel` its 1...9.
        case deflate(windowBits: Int32, level: Int32, memoryLevel: Int32)
        /// `windowBits` is 8...15: how far back a block may refer.
        case inflate(windowBits: Int32)
    }

    /// Where a run stopped.
    enum Stop {
        /// All input is used, and all that can be said of it is in the output.
        case inputUsed
        /// There may be more to say; run again with more room.
        case outputFull
        /// A final block ended, maybe before the end of the input.
        case streamEnd
        /// The input is not DEFLATE.
        case corrupt
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private let isDeflating: Bool

    /// A fresh state: nothing was seen before.
    init(_ direction: Direction) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let status: Int32
        switch direction {
        case .deflate(let windowBits, let level, let memoryLevel):
            isDeflating = true
            status = unsafe deflateInit2_(
                stream, level, Z_DEFLATED, -windowBits, memoryLevel, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, size)
        case .inflate(let windowBits):
            isDeflating = false
            status = unsafe inflateInit2_(stream, -windowBits, ZLIB_VERSION, size)
        }
        precondition(status == Z_OK, "zlib refuses only wrong parameters and having no memory")
    }

    deinit {
        unsafe _ = isDeflating ? deflateEnd(stream) : inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Forgets everything seen so far.
    mutating func reset() {
        unsafe _ = isDeflating ? deflateReset(stream) : inflateReset(stream)
    }

    /// Feeds `input` from `start` on, and appends at most `outputBytesMax` bytes. Deflating ends
    /// at a byte border with an empty stored block (Z_SYNC_FLUSH). Moves `start` past what it used.
    mutating func run(
        _ input: Span<UInt8>, from start: inout Int, into output: inout [UInt8],
        outputBytesMax: Int
    ) -> Stop {
        precondition(
            input.count <= Int32.max && outputBytesMax <= Int32.max && outputBytesMax > 0,
            "messages are bounded far below zlib's 32-bit counts")
        var status = Z_OK
        unsafe input.withUnsafeBufferPointer { bytes in
            // zlib never writes through next_in; an empty input has no address and needs none.
            unsafe stream.pointee.next_in = unsafe bytes.baseAddress.map {
                unsafe UnsafeMutablePointer(mutating: $0 + start)
            }
            unsafe stream.pointee.avail_in = UInt32(bytes.count - start)
            output.append(addingCapacity: outputBytesMax) { room in
                unsafe room.withUnsafeMutableBufferPointer { buffer, written in
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(outputBytesMax)
                    unsafe status =
                        isDeflating ? deflate(stream, Z_SYNC_FLUSH) : inflate(stream, Z_SYNC_FLUSH)
                    unsafe written = outputBytesMax - Int(stream.pointee.avail_out)
                }
            }
            unsafe start = bytes.count - Int(stream.pointee.avail_in)
            unsafe stream.pointee.next_in = nil
            unsafe stream.pointee.next_out = nil
        }
        switch status {
        case Z_STREAM_END: return .streamEnd
        case Z_OK, Z_BUF_ERROR:
            return unsafe stream.pointee.avail_out == 0 ? .outputFull : .inputUsed
        default: return .corrupt
        }
    }
}
