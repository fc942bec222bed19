import Foundation
import Testing

@testable import App

struct ReadmeTests {
    @Test(.enabled("README.md has no section on settings yet") { readme.contains("## Settings") })
    func `the README's section on settings names every one`() {
        let missing = Setting.all.map(\.flag).filter { !Self.readme.contains("`\($0)") }
        #expect(missing.isEmpty)
    }

    private static let readme: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""
    }()
}
