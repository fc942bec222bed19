import Foundation
import Transport

/// A bucket of S3, or of what speaks its protocol: images are put there by browsers and taken from there
/// by everybody, and the node only signs, looks and deletes.
package struct S3Bucket: Sendable {
    package struct Settings: Equatable, Sendable {
        /// `https://s3.eu-central-1.amazonaws.com`, as browsers reach it.
        let endpoint: WebOrigin
        let bucket: String
        let region: String
        let accessKey: Secret
        let secretKey: Secret
        /// Whether the bucket is a part of the host's name and not of the path.
        let isVirtualHost: Bool
        /// Where the node itself reaches the endpoint in plain HTTP; nil: at the endpoint.
        let proxy: WebOrigin?
    }

    /// What the bucket has under a key.
    struct Object: Hashable, Sendable {
        let byteCount: Int
        let contentType: String
    }

    /// How long a browser has to begin an upload, in seconds.
    static let uploadSeconds = 900
    private static let callSeconds = 60

    private let settings: Settings
    private let host: String
    private let pathPrefix: String
    /// Its threads wait for the bucket's answers.
    private let pool: BlockingPool
    private let now: @Sendable () -> Int64

    /// `now` gives milliseconds since 1970.
    package init(
        _ settings: Settings, pool: BlockingPool, now: @escaping @Sendable () -> Int64
    ) {
        self.settings = settings
        self.pool = pool
        self.now = now
        let authority = settings.endpoint.authority
        host = settings.isVirtualHost ? "\(settings.bucket).\(authority)" : authority
        pathPrefix = settings.isVirtualHost ? "/" : "/\(settings.bucket)/"
    }

    /// What the address of an image begins with.
    package var addressPrefix: String { "\(origin)\(pathPrefix)" }

    /// The origin that images come from.
    package var origin: String { "\(settings.endpoint.scheme)\(host)" }

    /// Where a browser puts an image of this type and length, and nothing else, within
    /// `uploadSeconds`; it must send the headers as they are.
    func upload(
        _ key: MediaKey, byteCount: Int
    ) -> (url: String, headers: [(name: String, value: String)]) {
        let headers = [
            (name: "cache-control", value: "public, max-age=31536000, immutable"),
            (name: "content-length", value: String(byteCount)),
            (name: "content-type", value: key.format.mediaType),
        ]
        return (
            origin + target(.put, key, headers, seconds: Self.uploadSeconds),
            headers.filter { $0.name != "content-length" }
        )
    }

    /// What the bucket has under a key; nil where that is nothing.
    func object(_ key: MediaKey) async throws(S3Failure) -> Object? {
        let head = try await call(.head, key)
        guard head.status.code != 404 else { return nil }
        guard head.status.code == 200 else { throw S3Failure("HEAD: \(head.status)") }
        return Object(
            byteCount: head.headers.first(named: "content-length").flatMap { Int($0) } ?? 0,
            contentType: head.headers.first(named: "content-type") ?? "")
    }

    /// Removes an image; one that isn't there is no error.
    func remove(_ key: MediaKey) async throws(S3Failure) {
        let head = try await call(.delete, key)
        guard [200, 204, 404].contains(head.status.code) else {
            throw S3Failure("DELETE: \(head.status)")
        }
    }

    private func call(
        _ method: HTTPMethod, _ key: MediaKey
    ) async throws(S3Failure) -> HTTPResponseHead {
        let target = target(method, key, [], seconds: Self.callSeconds)
        let place = (settings.proxy ?? settings.endpoint).hostAndPort
        do {
            let address = try await HTTPCall.address(of: place.host, port: place.port)
            return try await pool.run { [host] in
                Result { () throws(HTTPCallError) in
                    try HTTPCall.head(method, target, host: host, at: address)
                }
            }.get()
        } catch {
            throw S3Failure("\(method.rawValue): \(error)")
        }
    }

    /// The path and the query of a request that is signed.
    private func target(
        _ method: HTTPMethod, _ key: MediaKey, _ headers: [(name: String, value: String)],
        seconds: Int
    ) -> String {
        let path = pathPrefix + key.text
        let signature = AWSSignature(
            AWSSignature.Credentials(
                accessKey: String(decoding: settings.accessKey.bytes, as: UTF8.self),
                secretKey: settings.secretKey.bytes),
            region: settings.region, service: "s3", timeMs: now())
        let query = signature.presignedQuery(
            method, path: path, headers: headers + [("host", host)], seconds: seconds)
        return "\(path)?\(query)"
    }
}

/// Why the bucket did not do what it was asked.
struct S3Failure: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension WebOrigin {
    /// `https://`.
    fileprivate var scheme: String { isSecure ? "https://" : "http://" }

    fileprivate var authority: String { String(text.dropFirst(scheme.count)) }

    /// Whether it is reached over TLS.
    var isSecure: Bool { text.hasPrefix("https://") }

    /// The host without brackets, and the port.
    fileprivate var hostAndPort: (host: String, port: UInt16) {
        let ownPort: UInt16 = isSecure ? 443 : 80
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...])
        else { return (authority.trimmingCharacters(in: ["[", "]"]), ownPort) }
        return (authority[..<colon].trimmingCharacters(in: ["[", "]"]), port)
    }
}
