import Engine
import Transport

/// Images in a bucket: browsers put them there themselves, at addresses that are signed for them.
extension Media {
    /// Where one image may be put, by whoever asked for it.
    struct UploadPlace: Sendable {
        let key: MediaKey
        let url: String
        /// What the upload must send as it is.
        let headers: [(name: String, value: String)]
    }

    /// Signs places for images of this format and length, which are the owner's uploads from then on:
    /// those that nothing takes go as others do, put there or not.
    func places(
        for count: Int, _ format: ImageFormat, byteCount: Int, of owner: UserID, in bucket: S3Bucket
    ) async throws(MediaError) -> [UploadPlace] {
        let images = (0..<count).map { _ in
            UploadedImage(
                key: newKey(format),
                stored: StoredImage(
                    owner: owner.rawValue, bytes: byteCount, width: nil, height: nil,
                    createdAtMs: now()),
                version: 1)
        }
        try await commit(images.flatMap(record))
        return images.map { image in
            let upload = bucket.upload(image.key, byteCount: byteCount)
            return UploadPlace(key: image.key, url: upload.url, headers: upload.headers)
        }
    }

    /// The owner's uploads of these keys, each of which must be there and taken by nothing yet.
    func uploads(
        _ keys: [String], of owner: UserID, in bucket: S3Bucket
    ) async throws(MediaError) -> [UploadedImage] {
        var images: [UploadedImage] = []
        for text in keys {
            guard let key = MediaKey(text), !images.contains(where: { $0.key == key }) else {
                throw .noUpload(text)
            }
            let image = try await upload(key)
            guard let image, image.stored.owner == owner.rawValue,
                image.stored.attachedTo == nil
            else { throw .noUpload(text) }
            let expected = S3Bucket.Object(
                byteCount: image.stored.bytes, contentType: key.format.mediaType)
            guard try await object(key, in: bucket) == expected else { throw .noUpload(text) }
            images.append(image)
        }
        return images
    }

    private func upload(_ key: MediaKey) async throws(MediaError) -> UploadedImage? {
        do {
            let name = StoredImage.key(key)
            guard let record = try await store.records([name])[0] else { return nil }
            return UploadedImage(
                key: key, stored: try StoredValue.decode(StoredImage.self, from: record, at: name),
                version: record.version)
        } catch {
            throw .store(error)
        }
    }

    private func object(
        _ key: MediaKey, in bucket: S3Bucket
    ) async throws(MediaError) -> S3Bucket.Object? {
        do {
            return try await bucket.object(key)
        } catch {
            throw .bucket(error)
        }
    }
}
