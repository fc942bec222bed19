import Engine

/// What is known about an image: its record `media/{key}`.
struct StoredImage: Hashable, Codable, Sendable {
    let owner: Int64
    let bytes: Int
    let width: Int?
    let height: Int?
    let createdAtMs: Int64
    /// What it belongs to, as a record's key: `post/12`. Nil while nothing has taken it.
    var attachedTo: String?

    static let collection = "media"

    static func key(_ key: MediaKey) -> RecordKey { RecordKey(collection, key.text) }
}

/// An image that its owner has uploaded and nothing has taken yet.
struct UploadedImage: Hashable, Sendable {
    let key: MediaKey
    let stored: StoredImage
    /// Of its record.
    let version: UInt64
}
