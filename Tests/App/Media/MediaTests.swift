import Engine
import Foundation
import TestSupport
import Testing

@testable import App

struct MediaTests {
    private let site: MediaSite

    init() throws {
        site = try MediaSite()
    }

    private let owner = RecordKey("post", "1")

    @Test func `an upload has a name that nobody can guess, a record and a file`() async throws {
        let images = try await site.upload(SampleImages.jpeg(), SampleImages.png())
        #expect(images.map(\.key.format) == [.jpeg, .png])
        #expect(Set(images.map(\.key)).count == 2)
        for image in images {
            #expect(MediaKey(image.key.text) == image.key)
            #expect(image.stored.width == 4 && image.stored.height == 3)
            #expect(image.stored.attachedTo == nil)
            #expect(try await site.content(of: image.key)?.count == image.stored.bytes)
        }
        #expect(try site.files().count == 2)
    }

    @Test func `what was attached stays`() async throws {
        let images = try await site.upload(SampleImages.jpeg())
        try await site.store.commit(site.media.attach(images, to: owner))
        site.clock.advance(byMs: 10 * MediaSite.orphanAgeMs)
        try await site.media.collect()
        try await site.media.discard(images)
        #expect(try await site.content(of: images[0].key) != nil)
    }

    @Test func `what nothing takes goes when its time is over`() async throws {
        let images = try await site.upload(SampleImages.jpeg())
        site.clock.advance(byMs: MediaSite.orphanAgeMs - 1)
        try await site.media.collect()
        #expect(try await site.content(of: images[0].key) != nil)
        site.clock.advance(byMs: 2)
        try await site.media.collect()
        #expect(try await site.content(of: images[0].key) == nil)
        #expect(try await site.isForgotten(images[0]))
    }

    @Test func `what a request made nothing of goes at once`() async throws {
        let images = try await site.upload(SampleImages.jpeg(), SampleImages.gif())
        try await site.store.commit(site.media.attach([images[0]], to: owner))
        try await site.media.discard(images)
        #expect(try await site.content(of: images[0].key) != nil)
        #expect(try await site.content(of: images[1].key) == nil)
    }

    @Test func `what was detached goes`() async throws {
        let images = try await site.upload(SampleImages.jpeg(), SampleImages.png())
        try await site.store.commit(site.media.attach(images, to: owner))
        try await site.store.commit(site.media.detach([images[1].key.text]))
        await site.media.collectSoon()
        #expect(try await site.content(of: images[0].key) != nil)
        #expect(try await site.content(of: images[1].key) == nil)
        #expect(try await site.isForgotten(images[1]))
    }

    @Test func `what goes can't be attached any more, nor twice`() async throws {
        let images = try await site.upload(SampleImages.jpeg(), SampleImages.png())
        try await site.media.discard([images[0]])
        await #expect(throws: StoreError.conflict(StoredImage.key(images[0].key))) {
            try await site.store.commit(site.media.attach([images[0]], to: owner))
        }
        try await site.store.commit(site.media.attach([images[1]], to: owner))
        await #expect(throws: StoreError.conflict(StoredImage.key(images[1].key))) {
            try await site.store.commit(
                site.media.attach([images[1]], to: RecordKey("post", "2")))
        }
    }

    /// Each is where a crash may have happened; nothing may be left for ever.
    @Test(arguments: [
        "before the file has its name", "behind the record's removal", "behind the file's removal",
    ])
    func `a crash leaves nothing that a sweep does not find`(place: String) async throws {
        let images = try await site.upload(SampleImages.jpeg())
        let image = images[0]
        switch place {
        case "before the file has its name":
            try site.directory.remove(image.key)
        case "behind the record's removal":
            try await site.store.commit([.remove(StoredImage.key(image.key))])
        case _:
            try await site.store.commit([.remove(StoredImage.key(image.key))])
            try site.directory.remove(image.key)
        }
        site.clock.advance(byMs: MediaSite.orphanAgeMs + 1)
        try await site.media.collect()
        #expect(try site.files().isEmpty)
        #expect(try await site.isForgotten(image))
    }

    @Test func `files that were never finished go`() async throws {
        _ = try site.directory.draft(named: "left")
        try await site.media.collect()
        #expect(try site.files() == ["incoming/left"])
        site.clock.advance(byMs: MediaSite.orphanAgeMs + 60_000)
        try await site.media.collect()
        #expect(try site.files().isEmpty)
    }

    @Test func `many that are due go in one sweep`() async throws {
        for _ in 0..<21 {
            _ = try await site.upload(
                SampleImages.jpeg(), SampleImages.png(), SampleImages.gif(), SampleImages.jpeg(),
                SampleImages.png(), SampleImages.gif())
        }
        #expect(try site.files().count == 126)
        site.clock.advance(byMs: MediaSite.orphanAgeMs + 1)
        try await site.media.collect()
        #expect(try site.files().isEmpty)
    }

    @Test func `of several nodes one sweeps at a time`() async throws {
        let images = try await site.upload(SampleImages.jpeg())
        let log = Log(.error, write: { _ in })
        let sweeps = [MediaSweep(site.media, log: log), MediaSweep(site.media, log: log)]
        await sweeps[0].sweep()
        site.clock.advance(byMs: 30_000)
        try await site.store.commit(site.media.attach(images, to: owner))
        try await site.store.commit(site.media.detach([images[0].key.text]))
        await sweeps[1].sweep()
        #expect(try site.files().count == 1)
        site.clock.advance(byMs: MediaSite.orphanAgeMs)
        await sweeps[1].sweep()
        #expect(try site.files().isEmpty)
    }
}

struct MediaKeyTests {
    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA.", "AAAAAAAAAAAAAAAAAAAAAA.svg",
        "AAAAAAAAAAAAAAAAAAAAA.jpg", "AAAAAAAAAAAAAAAAAAAAAAA.jpg", "../AAAAAAAAAAAAAAAAAAA.jpg",
        "AAAAAAAAAAA/AAAAAAAAAA.jpg", "AAAAAAAAAAAAAAAAAAAAAA.JPG", "AAAAAAAAAAAAAAAAAAAAAA.jpg ",
        "AAAAAAAAAAAAAAAAAAAAAA\0.jpg", "강강강강강강강A.jpg", "AAAAAAAAAAAAAAAAAAAAAA.jpg/",
    ])
    func `takes nothing for a key that is none`(text: String) {
        #expect(MediaKey(text) == nil)
    }

    @Test(arguments: ["jpg", "png", "webp", "gif"])
    func `knows its format`(name: String) throws {
        let key = try #require(MediaKey("AZaz09-_AAAAAAAAAAAAAA.\(name)"))
        #expect(key.format.fileExtension == name)
    }
}

/// Images in a directory of their own, over a store in memory and a clock that is told to move.
final class MediaSite: Sendable {
    static let orphanAgeMs: Int64 = 3_600_000

    let clock: ManualClock
    let store: InMemoryStore
    let media: Media
    let directory: MediaDirectory
    private let path: String

    init() throws {
        let clock = ManualClock(Int64(Date().timeIntervalSince1970 * 1_000))
        self.clock = clock
        store = InMemoryStore(now: { clock.nowMs })
        path = FileManager.default.temporaryDirectory.appending(path: "media-\(UUID())").path
        directory = try MediaDirectory(path: path)
        media = Media(
            settings: Media.Settings(
                imageBytesMax: 1_000, imagesMax: 2, orphanAgeMs: Self.orphanAgeMs),
            place: .directory(directory), store: store, pool: TestPool.shared,
            now: { clock.nowMs })
    }

    deinit {
        // What remains is in the system's temporary directory, and no reason to fail a test.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Uploads images of user 1.
    func upload(_ images: [UInt8]...) async throws -> [UploadedImage] {
        let drafts = try images.map { bytes in
            var filter = ImageFilter()
            var draft = try directory.draft(named: media.draftName())
            try draft.append(try filter.filter(bytes))
            let image = try filter.finish()
            try draft.complete(image.amendment)
            return FinishedDraft(file: draft, image: image)
        }
        return try await media.keep(drafts, of: UserID(1), in: directory)
    }

    /// What is in the file of an image; nil where there is none.
    func content(of key: MediaKey) async throws -> [UInt8]? {
        guard let (file, byteCount) = try await media.open(key) else { return nil }
        return try file.read(from: 0, count: byteCount)
    }

    /// The names of all files, from the directory on.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { path in
            var isDirectory: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(
                atPath: "\(self.path)/\(path)", isDirectory: &isDirectory)
            return exists && !isDirectory.boolValue
        }
    }

    /// Whether the store knows nothing of an image.
    func isForgotten(_ image: UploadedImage) async throws -> Bool {
        guard try await store.records([StoredImage.key(image.key)])[0] == nil else { return false }
        for index in [Media.unattached, Media.detached] {
            let entries = try await store.entries(
                of: index, in: .all, descending: false, skip: 0, limit: 1_000)
            if entries.contains(where: { $0.id == image.key.text }) { return false }
        }
        return true
    }
}
