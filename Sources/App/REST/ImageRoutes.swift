import Engine
import Transport

/// Signed addresses for uploads, where images are in a bucket.
package struct ImageRoutes: Sendable {
    private let media: Media?
    private let settings: Media.Settings

    package init(media: Media?, settings: Media.Settings) {
        self.media = media
        self.settings = settings
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/images/presign",
                "Addresses at which the caller may put images, each with a PUT.",
                takes: [Self.contentType, bytes, count], gives: .created(Places.self),
                refuses: [.notFound], presign)
        ]
    }

    private static let contentType = Field<String>.name(
        "contentType", of: ImageFormat.allCases.map(\.mediaType))
    private var bytes: Field<Int> { .count("bytes", 1...settings.imageBytesMax) }
    private var count: Field<Int> { Field<Int>.count("count", 1...settings.imagesMax).or(1) }

    private struct Places: Shaped {
        struct Place: Encodable {
            let key: String
            let url: String
            let method: String
            let headers: [String: String]
            /// In seconds.
            let expiresIn: Int
        }

        let places: [Place]

        func encode(to encoder: any Encoder) throws {
            try places.encode(to: encoder)
        }

        static let shape = Schema.list(
            of: .object([
                .text("key"), .text("url"), .init("method", .choice(["PUT"])),
                .init("headers", .object([.text("content-type"), .text("cache-control")])),
                .count("expiresIn"),
            ]))
    }

    @Sendable private func presign(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        guard let media, let bucket = media.bucket else { throw .noBucket }
        guard let format = ImageFormat(mediaType: request[Self.contentType]) else {
            preconditionFailure("the field takes nothing else")
        }
        do {
            let places = try await media.places(
                for: request[count], format, byteCount: request[bytes], of: request.user.user,
                in: bucket)
            return HTTPResponse(
                json: Places(
                    places: places.map { place in
                        Places.Place(
                            key: place.key.text, url: place.url, method: "PUT",
                            headers: Dictionary(
                                place.headers.map { ($0.name, $0.value) },
                                uniquingKeysWith: { first, _ in first }),
                            expiresIn: S3Bucket.uploadSeconds)
                    }), status: .created)
        } catch {
            throw APIError(error)
        }
    }
}

extension Media {
    /// The field of a JSON body that names images that were put into the bucket.
    static func keys(countMax: Int) -> Field<[String]> {
        Field<[String]>.texts("images", countMax: countMax).or([])
    }

    /// What a request says its thing is shown with: the images of its form, or those that it names;
    /// nil: it says nothing of them.
    func pictures(
        of request: APIRequest, named keys: [String]?
    ) async throws(APIError) -> Pictures? {
        guard keys != nil || !request.images.isEmpty else { return nil }
        return pictures(try await images(of: request, named: keys ?? []))
    }

    /// The images that a request brings: those of its form, and those that were put into the bucket
    /// and are named by their keys.
    func images(
        of request: APIRequest, named keys: [String]
    ) async throws(APIError) -> [UploadedImage] {
        guard !keys.isEmpty else { return request.images }
        guard let bucket else {
            let reason = "This site takes images in forms."
            throw .invalid([FieldProblem(field: "images", reason: reason)])
        }
        do {
            return try await uploads(keys, of: request.user.user, in: bucket)
        } catch {
            throw APIError(error)
        }
    }
}

extension Media? {
    /// What a request says its thing is shown with, by its form or by the field of images; nil: it
    /// says nothing of it. A site without a place for images takes none.
    func pictures(of request: APIRequest) async throws(APIError) -> Pictures? {
        let keys = request[ArticleFields.images]
        if let self { return try await self.pictures(of: request, named: keys) }
        guard keys?.isEmpty ?? true else { throw .noImages }
        return nil
    }
}
