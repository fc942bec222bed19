import Engine
import Foundation
import Transport

/// How images go.
extension Media {
    /// Entries that are looked at in one go.
    private static let batchMax = 100

    /// Removes those of these images that nothing has taken, if they are still there.
    func discard(_ images: [UploadedImage]) async throws(MediaError) {
        for image in images {
            let dueAtMs = image.stored.createdAtMs + settings.orphanAgeMs
            try await removeUnattached(
                IndexEntry(sortKey: dueAtMs.sortKey, id: image.key.text))
        }
    }

    /// Removes everything that is due: images that nothing has taken, images that were detached, and
    /// files that were never finished.
    package func collect() async throws {
        let nowMs = now()
        try await collect(Self.unattached, beforeMs: nowMs) { (entry) throws(MediaError) in
            try await removeUnattached(entry)
        }
        try await collectDetached()
        guard let directory else { return }
        let limit = Date(timeIntervalSince1970: Double(nowMs - settings.orphanAgeMs) / 1_000)
        try await onPool { () throws(SystemError) in
            try directory.removeDrafts(olderThan: limit)
        }
    }

    /// Removes images that were detached. Where that fails now, a sweep does it.
    func collectSoon() async {
        try? await collectDetached()
    }

    /// Removes images that were detached.
    func collectDetached() async throws(MediaError) {
        try await collect(Self.detached, beforeMs: now() + 1) { (entry) throws(MediaError) in
            try await remove(entry, in: Self.detached, expecting: .any)
        }
    }

    private func collect(
        _ index: String, beforeMs: Int64,
        _ remove: (IndexEntry) async throws(MediaError) -> Void
    ) async throws(MediaError) {
        while true {
            let entries: [IndexEntry]
            do {
                entries = try await store.entries(
                    of: index, in: IndexRange(upTo: beforeMs.sortKey), descending: false, skip: 0,
                    limit: Self.batchMax)
            } catch {
                throw .store(error)
            }
            for entry in entries { try await remove(entry) }
            guard entries.count == Self.batchMax else { return }
        }
    }

    private func removeUnattached(_ entry: IndexEntry) async throws(MediaError) {
        let record: Record?
        do {
            let key = RecordKey(StoredImage.collection, entry.id)
            record = try await store.records([key])[0]
            if let record {
                let stored = try StoredValue.decode(StoredImage.self, from: record, at: key)
                guard stored.attachedTo == nil else { return }
            }
        } catch {
            throw .store(error)
        }
        do {
            try await remove(
                entry, in: Self.unattached,
                expecting: record.map { .version($0.version) } ?? .absent)
        } catch .store(.conflict) {
            // It was attached just now, or another node is at it.
        }
    }

    /// Removes the record, the file, and in the end the entry that says that they must go.
    private func remove(
        _ entry: IndexEntry, in index: String, expecting expectation: Expectation
    ) async throws(MediaError) {
        try await commit([
            .remove(RecordKey(StoredImage.collection, entry.id), expecting: expectation)
        ])
        if let key = MediaKey(entry.id) { try await removeFile(of: key) }
        try await commit([.delete(entry, index: index)])
    }

    private func removeFile(of key: MediaKey) async throws(MediaError) {
        switch place {
        case .directory(let directory):
            try await onPool { () throws(SystemError) in try directory.remove(key) }
        case .bucket(let bucket):
            do {
                try await bucket.remove(key)
            } catch {
                throw .bucket(error)
            }
        }
    }
}
