import Engine
import Foundation
import Testing
import Transport

@testable import App

struct SigningKeyFileTests {
    private let directory = TemporaryDirectory()

    private var path: String { directory.path + "/keys.json" }

    @Test func `makes a key on first start that later starts find`() throws {
        let made = try SigningKeyFile.load(path: path)
        let found = try SigningKeyFile.load(path: path)
        #expect(found.current.id == made.current.id)
        #expect(found.current.code(for: [1]) == made.current.code(for: [1]))
        #expect(found.others.isEmpty)
    }

    @Test func `makes a file for its owner only and leaves no other behind`() throws {
        _ = try SigningKeyFile.load(path: path)
        #expect(try mode() == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["keys.json"])
    }

    @Test func `makes a different key for every community`() throws {
        let other = TemporaryDirectory()
        let first = try SigningKeyFile.load(path: path)
        let second = try SigningKeyFile.load(path: other.path + "/keys.json")
        #expect(first.current.code(for: [1]) != second.current.code(for: [1]))
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o601])
    func `refuses a file that others may touch, in one line`(mode: Int) throws {
        _ = try SigningKeyFile.load(path: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = try #require(throws: SigningKeyError.self) {
            try SigningKeyFile.load(path: path)
        }
        #expect(error == .fileOpenToOthers(path: path, mode: UInt32(mode)))
        #expect(error.description.contains("chmod 600 \(path)"))
        #expect(!error.description.contains("\n"))
    }

    @Test func `signs with the current key and checks with all`() throws {
        try write(
            #"{"current":"b","keys":[{"id":"a","secret":"\#(secret(1))"},"#
                + #"{"id":"b","secret":"\#(secret(2))"}]}"#)
        let keys = try SigningKeyFile.load(path: path)
        #expect(keys.current.id == "b")
        #expect(keys.others.map(\.id) == ["a"])
        #expect(keys.key("a")?.code(for: [1]) == HMACSHA256(key: repeated(1)).code(for: [1]))
        #expect(keys.key("c") == nil)
    }

    @Test(arguments: [
        "", "{}", "not json", #"{"current":"a","keys":[]}"#,
        #"{"current":"a","keys":[{"id":"b","secret":"\#(secret(1))"}]}"#,
        #"{"current":"a","keys":[{"id":"a","secret":"***"}]}"#,
        #"{"current":"a\"","keys":[{"id":"a\"","secret":"\#(secret(1))"}]}"#,
        #"{"current":"a","keys":[{"id":"a","secret":"\#(secret(1))"},"#
            + #"{"id":"a","secret":"\#(secret(2))"}]}"#,
    ])
    func `refuses a file that is not as agreed, without showing a secret`(text: String) throws {
        try write(text)
        let error = try #require(throws: SigningKeyError.self) {
            try SigningKeyFile.load(path: path)
        }
        guard case .malformed = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.description.contains(secret(1)))
    }

    @Test func `refuses a weak secret`() throws {
        try write(#"{"current":"a","keys":[{"id":"a","secret":"AAAA"}]}"#)
        #expect(throws: SigningKeyError.secretTooShort(bytes: 3)) {
            try SigningKeyFile.load(path: path)
        }
        #expect(throws: SigningKeyError.secretTooShort(bytes: 31)) {
            try SigningKey(shared: [UInt8](repeating: 1, count: 31))
        }
    }

    @Test func `says which file could not be used and why`() throws {
        let missing = directory.path + "/missing/keys.json"
        let error = try #require(throws: SigningKeyError.self) {
            try SigningKeyFile.load(path: missing)
        }
        #expect(error.description == "\(missing): open: No such file or directory")
        #expect(throws: SigningKeyError.file(path: directory.path, reason: "not a regular file")) {
            try SigningKeyFile.load(path: directory.path)
        }
    }

    @Test func `calls a shared secret the same on every node`() throws {
        let secret = (0..<32).map { UInt8(truncatingIfNeeded: 0xfb &+ $0 &* 37) }
        let here = try SigningKey(shared: secret)
        let there = try SigningKey(shared: secret)
        #expect(here.id == there.id)
        #expect(here.code(for: [1]) == there.code(for: [1]))
        #expect(!Base64.encodeURL(secret).contains(here.id))
    }

    private func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func write(_ text: String) throws {
        try PrivateFile.create(path, Array(text.utf8))
    }
}

private func repeated(_ byte: UInt8) -> [UInt8] {
    [UInt8](repeating: byte, count: 32)
}

private func secret(_ seed: UInt8) -> String {
    Base64.encodeURL(repeated(seed))
}

/// A directory that goes away with its owner.
private final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/petnexus-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("no temporary directory: \(error)")
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)  // The system cleans up what stays.
    }
}
