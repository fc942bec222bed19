import Engine
import Transport

/// The images, for everybody who has their names.
package struct MediaRoutes: Sendable {
    private let media: Media?

    /// `media` is nil where the site keeps none itself.
    package init(media: Media?) {
        self.media = media
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/media/{key}", "An image. It never changes; `Range` is understood.",
                for: .anyone,
                gives: .media("image/jpeg", "image/png", "image/webp", "image/gif"),
                answering: image)
        ]
    }

    @Sendable private func image(_ request: APIRequest) async throws(APIError) -> HTTPAnswer {
        guard let media, let key = MediaKey(request.parameters["key"] ?? "") else {
            throw .notFound
        }
        let opened: (file: OpenFile, byteCount: Int)?
        do {
            opened = try await media.open(key)
        } catch {
            throw APIError(error)
        }
        guard let (file, byteCount) = opened else { throw .notFound }
        let tag = "\"\(key.text.prefix(22))\""
        var headers: HTTPHeaders = [
            "content-type": key.format.mediaType, "etag": tag,
            "cache-control": "public, max-age=31536000, immutable", "accept-ranges": "bytes",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "cross-origin",
        ]
        let status: HTTPStatus
        let range: Range<Int>
        switch HTTPSelection(request.head.headers, entityTag: tag, byteCount: byteCount) {
        case .notModified:
            return .response(HTTPResponse(status: .notModified, headers: headers))
        case .unsatisfiable:
            throw .rangeNotSatisfiable(of: byteCount)
        case .whole:
            (status, range) = (.ok, 0..<byteCount)
        case .part(let part):
            (status, range) = (.partialContent, part)
            let last = part.upperBound - 1
            headers.set("content-range", "bytes \(part.lowerBound)-\(last)/\(byteCount)")
        }
        let body = FileBody(file, range, pool: media.pool)
        return .source(HTTPSourcedResponse(status: status, headers: headers, body: body))
    }
}
