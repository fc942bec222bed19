import Transport

/// Signatures of requests to AWS and to what speaks its protocol (Signature Version 4).
struct AWSSignature: Sendable {
    /// Who signs.
    struct Credentials: Sendable {
        let accessKey: String
        let secretKey: [UInt8]
    }

    /// The part of a request that is signed.
    struct Request: Sendable {
        let method: HTTPMethod
        /// With its segments encoded already.
        let path: String
        var query: [(name: String, value: String)] = []
        /// Names in lower case; the host is among them.
        let headers: [(name: String, value: String)]
        /// Of the body in hexadecimal digits, or what stands for it.
        let payloadHash: String
    }

    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    private static let algorithm = "AWS4-HMAC-SHA256"

    private let credentials: Credentials
    private let region: String
    private let service: String
    /// `20130524T000000Z`.
    private let time: String

    /// Signatures made at a time, in milliseconds since 1970.
    init(_ credentials: Credentials, region: String, service: String, timeMs: Int64) {
        self.credentials = credentials
        self.region = region
        self.service = service
        time =
            String(
                Timestamp.text(timeMs).prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    /// The query that lets whoever has it make the request within `seconds`, the headers that are
    /// signed included: all that the request names.
    func presignedQuery(
        _ method: HTTPMethod, path: String, headers: [(name: String, value: String)], seconds: Int
    ) -> String {
        var request = Request(
            method: method, path: path, headers: headers, payloadHash: Self.unsignedPayload)
        request.query = [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(credentials.accessKey)/\(scope)"),
            ("X-Amz-Date", time),
            ("X-Amz-Expires", String(seconds)),
            ("X-Amz-SignedHeaders", request.signedHeaders),
        ]
        return "\(request.canonicalQuery)&X-Amz-Signature=\(signature(of: request))"
    }

    /// The signature in hexadecimal digits.
    func signature(of request: Request) -> String {
        let text = [Self.algorithm, time, scope, Self.hash(request.canonical)]
            .joined(separator: "\n")
        let key = [String(time.prefix(8)), region, service, "aws4_request"].reduce(
            Array("AWS4".utf8) + credentials.secretKey
        ) { key, part in HMACSHA256(key: key).code(for: Array(part.utf8)) }
        return Self.hexadecimal(HMACSHA256(key: key).code(for: Array(text.utf8)))
    }

    private var scope: String { "\(time.prefix(8))/\(region)/\(service)/aws4_request" }

    /// The hash of a text in hexadecimal digits.
    static func hash(_ text: String) -> String { hexadecimal(SHA256.hash(Array(text.utf8))) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

extension AWSSignature.Request {
    /// The names of the headers in order.
    fileprivate var signedHeaders: String {
        headers.map(\.name).sorted().joined(separator: ";")
    }

    fileprivate var canonicalQuery: String {
        query.map { item in
            (
                name: PercentCoding.encodeComponent(item.name),
                value: PercentCoding.encodeComponent(item.value)
            )
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The request as both sides write it to sign it.
    fileprivate var canonical: String {
        let lines = headers.sorted { $0.name < $1.name }.map { header in
            let words = header.value.split(separator: " ").joined(separator: " ")
            return "\(header.name):\(words)\n"
        }
        return [
            method.rawValue, path, canonicalQuery, lines.joined(), signedHeaders, payloadHash,
        ].joined(separator: "\n")
    }
}
