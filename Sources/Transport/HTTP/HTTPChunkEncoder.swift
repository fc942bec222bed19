/// Writes a body of unknown length in chunks (RFC 9112 §7.1).
public enum HTTPChunkEncoder {
    /// Appends one chunk. No bytes make no chunk: an empty one would end the body.
    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        guard bytes.count > 0 else { return }
        output.append(contentsOf: String(bytes.count, radix: 16).utf8)
        appendLineEnd(to: &output)
        output.append(addingCapacity: bytes.count) { chunk in
            for index in bytes.indices { chunk.append(bytes[index]) }
        }
        appendLineEnd(to: &output)
    }

    /// Appends one chunk. No bytes make no chunk: an empty one would end the body.
    public static func encode(_ bytes: [UInt8], into output: inout [UInt8]) {
        encode(bytes.span, into: &output)
    }

    /// Appends the end of the body.
    public static func finish(into output: inout [UInt8]) {
        output.append(UInt8(ascii: "0"))
        appendLineEnd(to: &output)
        appendLineEnd(to: &output)
    }

    private static func appendLineEnd(to output: inout [UInt8]) {
        output.append(HTTPGrammar.carriageReturn)
        output.append(HTTPGrammar.lineFeed)
    }
}
