/// How a message says where its body ends (RFC 9112 §6).
public enum HTTPBodyFraming: Hashable, Sendable {
    /// By saying nothing: a request then has no body.
    case none
    case length(Int)
    case chunked

    /// Reads `Content-Length` and `Transfer-Encoding`. Whatever two parties could read differently
    /// is an error, also where RFC 9112 §6.3 would let a server guess: a disagreement about a
    /// length is how requests are smuggled past a proxy.
    init(of headers: HTTPHeaders, version: HTTPVersion) throws(HTTPParseError) {
        let lengths = headers.all(named: "content-length")
        let codings = headers.all(named: "transfer-encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty, version == .http11 else { throw .invalidTransferEncoding }
            try Self.requireChunked(codings, headers.list(named: "transfer-encoding"))
            self = .chunked
        } else if lengths.isEmpty {
            self = .none
        } else {
            guard lengths.count == 1, let length = Self.number(lengths[0]) else {
                throw .invalidContentLength
            }
            self = .length(length)
        }
    }

    /// The one accepted spelling is a single field that says `chunked` and nothing else.
    private static func requireChunked(
        _ values: [String], _ codings: [String]
    ) throws(HTTPParseError) {
        let isChunked = codings.map { HTTPGrammar.isEqual($0, ignoringCase: "chunked") }
        if values.count == 1, HTTPGrammar.isEqual(values[0], ignoringCase: "chunked") { return }
        if isChunked.contains(false), !isChunked.dropLast().contains(true) {
            throw .unsupportedTransferCoding
        }
        throw .invalidTransferEncoding
    }

    /// One or more decimal digits; nil for anything else, and beyond `Int.max`.
    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        var number = 0
        for byte in text.utf8 {
            guard let digit = HTTPGrammar.decimalDigit(byte) else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, tooLargeNow) = product.addingReportingOverflow(digit)
            guard !tooLarge, !tooLargeNow else { return nil }
            number = sum
        }
        return number
    }
}
