import Engine
import Foundation
import Transport

/// The site's images: files that never change under their names, and a record of each.
///
/// An image is uploaded first and belongs to nothing; whoever makes something of it attaches it in the
/// commit that does so. Images that nothing has taken within `orphanAge` go by themselves, those that
/// were detached at once, or, where the node crashed meanwhile, with a later sweep. A record comes before
/// its file and goes before it, while an index still has its name: no crash leaves a file that nobody
/// knows of.
package struct Media: Sendable {
    package struct Settings: Sendable {
        /// One image.
        let imageBytesMax: Int
        /// Images of one request.
        let imagesMax: Int
        /// From its upload until an image goes that nothing has taken, in milliseconds.
        let orphanAgeMs: Int64

        package init(imageBytesMax: Int, imagesMax: Int, orphanAgeMs: Int64) {
            self.imageBytesMax = imageBytesMax
            self.imagesMax = imagesMax
            self.orphanAgeMs = orphanAgeMs
        }
    }

    /// Where the files are.
    package enum Place: Sendable {
        case directory(MediaDirectory)
        case bucket(S3Bucket)
    }

    let settings: Settings
    let place: Place
    let store: any Store
    /// Its threads wait for the disk.
    let pool: BlockingPool
    let now: @Sendable () -> Int64
    private let random: RandomBytes

    /// Images that wait to be attached, by the time at which they go.
    static let unattached = "media-unattached"
    /// Images that were detached, by the time at which that happened.
    static let detached = "media-detached"

    init(
        settings: Settings, place: Place, store: any Store, pool: BlockingPool,
        now: @escaping @Sendable () -> Int64, random: @escaping RandomBytes = SystemRandom.bytes
    ) {
        self.settings = settings
        self.place = place
        self.store = store
        self.pool = pool
        self.now = now
        self.random = random
    }

    /// Images in a directory, which is made where it is not there.
    package init(
        settings: Settings, path: String, store: any Store, pool: BlockingPool,
        now: @escaping @Sendable () -> Int64
    ) throws(SystemError) {
        self.init(
            settings: settings, place: .directory(try MediaDirectory(path: path)), store: store,
            pool: pool, now: now)
    }

    /// Images in a bucket, where browsers put them themselves.
    package init(
        settings: Settings, bucket: S3Bucket, store: any Store, pool: BlockingPool,
        now: @escaping @Sendable () -> Int64
    ) {
        self.init(
            settings: settings, place: .bucket(bucket), store: store, pool: pool, now: now,
            random: SystemRandom.bytes)
    }

    /// Where clients find the images.
    package var addresses: MediaAddresses {
        switch place {
        case .directory: MediaAddresses()
        case .bucket(let bucket): MediaAddresses(prefix: bucket.addressPrefix)
        }
    }

    /// The origin that browsers put images to and take them from; nil: the site's own.
    package var origin: String? { bucket?.origin }

    /// Where images are on disk; nil: they are in a bucket.
    var directory: MediaDirectory? {
        if case .directory(let directory) = place { directory } else { nil }
    }

    /// The bucket that images are in; nil: they are on disk.
    var bucket: S3Bucket? {
        if case .bucket(let bucket) = place { bucket } else { nil }
    }

    // MARK: Uploads

    /// A name for a file that is being received.
    func draftName() -> String { Base64.encodeURL(random(16)) }

    /// Gives whole drafts their names and records. Where that fails, none of them is an image, and what
    /// is left of them goes with a sweep.
    func keep(
        _ drafts: [FinishedDraft], of owner: UserID, in directory: MediaDirectory
    ) async throws(MediaError) -> [UploadedImage] {
        guard !drafts.isEmpty else { return [] }
        let images = drafts.map { draft in
            UploadedImage(
                key: newKey(draft.image.format),
                stored: StoredImage(
                    owner: owner.rawValue, bytes: draft.image.byteCount,
                    width: draft.image.size.width, height: draft.image.size.height,
                    createdAtMs: now()),
                version: 1)
        }
        try await commit(images.flatMap(record))
        try await onPool { () throws(SystemError) in
            for (draft, image) in zip(drafts, images) {
                try directory.keep(draft.file, as: image.key)
            }
        }
        return images
    }

    func newKey(_ format: ImageFormat) -> MediaKey { MediaKey(format, random: random) }

    /// The record of an upload that nothing has taken.
    func record(_ image: UploadedImage) -> [Change] {
        [
            .put(
                StoredImage.key(image.key), value: StoredValue.encode(image.stored),
                expecting: .absent),
            .insert(waiting(image), index: Self.unattached),
        ]
    }

    private func waiting(_ image: UploadedImage) -> IndexEntry {
        let dueAtMs = image.stored.createdAtMs + settings.orphanAgeMs
        return IndexEntry(sortKey: dueAtMs.sortKey, id: image.key.text)
    }

    // MARK: Belonging

    /// What makes images a part of something, within the commit that makes or changes that. It is
    /// refused with a conflict over `media/{key}` where one of them has gone meanwhile, or belongs to
    /// something.
    func attach(_ images: [UploadedImage], to owner: RecordKey) -> [Change] {
        images.flatMap { image in
            var stored = image.stored
            stored.attachedTo = owner.description
            return [
                Change.put(
                    StoredImage.key(image.key), value: StoredValue.encode(stored),
                    expecting: .version(image.version)),
                .delete(waiting(image), index: Self.unattached),
            ]
        }
    }

    /// What makes attached images belong to nothing any more, within the commit that removes or changes
    /// what they belonged to. `collect` then removes them sooner than a sweep does.
    package func detach(_ keys: [String]) -> [Change] {
        let nowMs = now()
        return keys.map {
            .insert(IndexEntry(sortKey: nowMs.sortKey, id: $0), index: Self.detached)
        }
    }

    // MARK: Reading

    /// Opens the file of an image; nil where there is none.
    func open(_ key: MediaKey) async throws(MediaError) -> (file: OpenFile, byteCount: Int)? {
        guard let directory else { return nil }
        return try await onPool { () throws(SystemError) in
            guard let file = try directory.open(key) else { return nil }
            return (file, try file.byteCount())
        }
    }

    // MARK: The disk and the store

    /// Does something that waits for the disk.
    func onPool<Result: Sendable>(
        _ work: @escaping @Sendable () throws(SystemError) -> Result
    ) async throws(MediaError) -> Result {
        let outcome: Swift.Result<Result, SystemError>
        do {
            outcome = try await pool.run {
                Swift.Result { () throws(SystemError) in try work() }
            }
        } catch {
            throw .overloaded
        }
        do {
            return try outcome.get()
        } catch {
            throw .disk(error)
        }
    }

    func commit(_ changes: [Change]) async throws(MediaError) {
        do {
            try await store.commit(changes)
        } catch {
            throw .store(error)
        }
    }
}

/// A draft that is whole, and what is in it.
struct FinishedDraft: Sendable {
    let file: MediaDraft
    let image: FilteredImage
}

/// Why images could not be dealt with.
enum MediaError: Error, Sendable {
    case store(StoreError)
    case disk(SystemError)
    case bucket(S3Failure)
    /// Nothing of this key is there, it is somebody else's, or belongs to something.
    case noUpload(String)
    /// Too much waits for the disk.
    case overloaded
}
