import Foundation
import Transport

/// The web client's files, read once at start and served from memory.
package struct Site: Sendable {
    private struct File: Sendable {
        let bytes: [UInt8]
        let mediaType: String
        let entityTag: String
    }

    private let files: [String: File]
    /// What the web client may do: load its own files and images, talk to its own server, nothing
    /// else.
    private let contentSecurityPolicy: String

    /// Larger files have no place in a web client.
    private static let fileBytesMax = 4 * 1024 * 1024

    /// Reads every file below a directory; nil where there is no such directory. Images are put to and
    /// shown from `imageOrigin`, where that is another one.
    package init?(directory: String, imageOrigin: String? = nil) {
        let root = URL(fileURLWithPath: directory, isDirectory: true)
        guard (try? root.checkResourceIsReachable()) == true,
            let walk = FileManager.default.enumerator(atPath: root.path)
        else { return nil }
        var files: [String: File] = [:]
        for case let path as String in walk {
            let mediaType = Self.mediaType(of: path)
            // A directory, or a file that vanished meanwhile, has no content to serve.
            guard let mediaType,
                let bytes = try? Data(contentsOf: root.appending(path: path)),
                bytes.count <= Self.fileBytesMax
            else { continue }
            let content = [UInt8](bytes)
            let tag = Base64.encodeURL(Array(SHA256.hash(content).prefix(12)))
            files["/" + path] = File(
                bytes: content, mediaType: mediaType, entityTag: "\"\(tag)\"")
        }
        self.files = files
        contentSecurityPolicy = Self.policy(imageOrigin)
    }

    /// A site without files, for a node that serves no pages.
    package init() {
        files = [:]
        contentSecurityPolicy = Self.policy(nil)
    }

    private static func policy(_ imageOrigin: String?) -> String {
        let other = imageOrigin.map { " " + $0 } ?? ""
        return """
            default-src 'none'; script-src 'self'; style-src 'self'; \
            img-src 'self' data:\(other); connect-src 'self'\(other); manifest-src 'self'; \
            form-action 'self'; base-uri 'none'; frame-ancestors 'none'
            """
    }

    /// The file at a request's path; directories show their `index.html`, and pages need no `.html`.
    func file(_ head: HTTPRequestHead) throws(APIError) -> HTTPResponse {
        let path = head.path.hasSuffix("/") ? head.path + "index.html" : head.path
        guard let file = files[path] ?? files[path + ".html"] else { throw .notFound }
        let headers: HTTPHeaders = [
            "content-type": file.mediaType, "etag": file.entityTag,
            // Asked for anew each time, answered with 304 where nothing changed.
            "cache-control": "no-cache", "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "content-security-policy": contentSecurityPolicy,
        ]
        if head.headers.list(named: "if-none-match").contains(file.entityTag) {
            return HTTPResponse(status: .notModified, headers: headers)
        }
        return HTTPResponse(status: .ok, headers: headers, body: file.bytes)
    }

    private static func mediaType(of path: String) -> String? {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "webmanifest": "application/manifest+json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        case _: nil
        }
    }
}
