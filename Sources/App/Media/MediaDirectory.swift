import Foundation
import Transport

/// Where images are on disk: `{directory}/{two characters of the key}/{key}`, and those that are being
/// received in `{directory}/incoming`. Nodes may share it by a network file system. Its calls block.
package struct MediaDirectory: Sendable {
    let path: String

    private var incoming: String { "\(path)/incoming" }

    /// Makes the directory where it is not there.
    init(path: String) throws(SystemError) {
        self.path = path
        try Self.make(incoming)
    }

    /// A new file for what is being received.
    func draft(named name: String) throws(SystemError) -> MediaDraft {
        let path = "\(incoming)/\(name)"
        return MediaDraft(path: path, file: try OpenFile.create(path))
    }

    /// Gives a draft that is whole its place, durably.
    func keep(_ draft: MediaDraft, as key: MediaKey) throws(SystemError) {
        let folder = folder(of: key)
        do {
            try Self.move(draft.path, to: "\(folder)/\(key)")
        } catch {
            guard error.code == ENOENT else { throw error }
            try Self.make(folder)
            try OpenFile.syncDirectory(path)
            try Self.move(draft.path, to: "\(folder)/\(key)")
        }
        try OpenFile.syncDirectory(folder)
    }

    /// Opens an image; nil where there is none of that key.
    func open(_ key: MediaKey) throws(SystemError) -> OpenFile? {
        try OpenFile.read("\(folder(of: key))/\(key)")
    }

    /// Removes an image; one that isn't there is no error.
    func remove(_ key: MediaKey) throws(SystemError) {
        try Self.remove("\(folder(of: key))/\(key)")
    }

    /// Removes what was begun to be received before this time, and never finished: its node crashed.
    func removeDrafts(olderThan limit: Date) throws(SystemError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: incoming)
        } catch {
            throw SystemError("read \(incoming)", code: EIO)
        }
        for name in names {
            let path = "\(incoming)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            // One that is gone by now needs nothing.
            guard let changed = attributes?[.modificationDate] as? Date, changed < limit else {
                continue
            }
            try Self.remove(path)
        }
    }

    private func folder(of key: MediaKey) -> String { "\(path)/\(key.text.prefix(2))" }

    private static func make(_ path: String) throws(SystemError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw SystemError("make \(path)", code: Int32(cause?.code ?? Int(EACCES)))
        }
    }

    private static func move(_ path: String, to target: String) throws(SystemError) {
        guard unsafe rename(path, target) == 0 else {
            throw SystemError("rename to \(target)", code: errno)
        }
    }

    fileprivate static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw SystemError("unlink \(path)", code: errno)
        }
    }
}

/// An image that is being received: a file that nobody knows yet. Its calls block.
struct MediaDraft: Sendable {
    let path: String
    private let file: OpenFile
    private var byteCount = 0

    fileprivate init(path: String, file: OpenFile) {
        self.path = path
        self.file = file
    }

    mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        try file.write(bytes, at: byteCount)
        byteCount += bytes.count
    }

    /// Changes what must be other than it was written, and makes all of it survive a power cut.
    func complete(_ amendment: FilteredImage.Amendment?) throws(SystemError) {
        if let amendment { try file.write(amendment.bytes, at: amendment.offset) }
        try file.sync()
    }

    /// Removes it.
    func discard() throws(SystemError) {
        try MediaDirectory.remove(path)
    }
}
