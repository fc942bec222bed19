/// Writes behind what an array holds, into room that was made once for all of it: the seam for raw
/// memory of what writes frames.
///
/// Guard: every write is checked against the room, and the address never leaves `append`.
@safe struct ByteWriter: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    private var count = 0

    private init(_ room: UnsafeMutableBufferPointer<UInt8>) {
        guard let address = room.baseAddress else {
            preconditionFailure("room was made for something")
        }
        unsafe start = UnsafeMutableRawPointer(address)
        capacity = room.count
    }

    /// Appends to `array` what `write` writes: at most `countMax` bytes, which are above 0.
    @inline(__always)
    static func append(
        atMost countMax: Int, to array: inout [UInt8], _ write: (inout ByteWriter) -> Void
    ) {
        array.append(addingCapacity: countMax) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                var writer = unsafe ByteWriter(UnsafeMutableBufferPointer(rebasing: room[count...]))
                write(&writer)
                count += writer.count
            }
        }
    }

    /// Writes these bytes.
    @inline(__always)
    mutating func write(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in unsafe copy(bytes.baseAddress, bytes.count) }
    }

    /// Writes a text of the program's own.
    @inline(__always)
    mutating func write(_ text: StaticString) {
        unsafe copy(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    /// Writes one byte.
    @inline(__always)
    mutating func write(_ byte: UInt8) {
        precondition(count < capacity, "room was made for everything")
        unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Writes a number in decimal, without leading zeros.
    mutating func write(decimal number: UInt64) {
        var digits = STOMPDigits()
        digits.prepend(number, radix: 10)
        write(digits.bytes.span.extracting(digits.start...))
    }

    /// Writes a number in decimal, without leading zeros.
    mutating func write(decimal number: Int64) {
        if number < 0 { write(UInt8(ascii: "-")) }
        write(decimal: number.magnitude)
    }

    @inline(__always)
    private mutating func copy(_ address: UnsafeRawPointer?, _ size: Int) {
        precondition(size <= capacity &- count, "room was made for everything")
        guard let address = unsafe address else { return }
        unsafe (start + count).copyMemory(from: address, byteCount: size)
        count &+= size
    }
}
