import Foundation

/// Runs a test with a directory of its own, which doesn't exist yet and is gone afterwards.
@discardableResult
public func withTemporaryDirectory<Value>(
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    let url = FileManager.default.temporaryDirectory.appending(path: "petnexus-\(UUID())")
    defer {
        if FileManager.default.fileExists(atPath: url.path) {
            // What remains is in the system's temporary directory, and no reason to fail a test.
            try? FileManager.default.removeItem(at: url)
        }
    }
    return try await body(url.path)
}
