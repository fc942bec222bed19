import Testing

/// The rules of this tree that no compiler knows. A failure lists the files that break one.
struct TidyTests {
    private let tree = SourceTree.ours

    @Test func `the tree was found`() {
        #expect(tree.files.contains { $0.path == "Sources/Engine/Ports/Broker.swift" })
        #expect(tree.files.contains { $0.path == "Tests/Tidy/TidyTests.swift" })
    }

    @Test func `imports and types are seen however they are written`() {
        let file = SourceFile(
            path: "a.swift",
            text: """
                import App
                public import struct Foundation.Date  // import Glibc
                @testable @preconcurrency import Engine
                // import Dispatch
                let text = "import CLinux"
                public final class One<T>: Two {
                    struct Inner {}
                }
                enum Three { case important }
                """)
        #expect(file.imports == ["App", "Foundation", "Engine"])
        #expect(file.declaredTypes == ["One", "Three"])
    }

    @Test func `the engine knows no socket, no file, no clock and none of the other modules`() {
        let others = tree.swift(in: ["Sources/Engine"]).filter {
            !$0.imports.isSubset(of: ["Synchronization"])
        }
        #expect(others.map(\.path) == [])
    }

    @Test func `transport does not know the application`() {
        let others = tree.swift(in: ["Sources/Transport"]).filter { $0.imports.contains("App") }
        #expect(others.map(\.path) == [])
    }

    @Test func `codecs take bytes and return values, and reach for no operating system`() {
        let others = tree.swift(in: Self.codecs).filter { file in
            let allowed: Set = Self.zlibSeams.contains(file.path) ? ["CZlib"] : []
            return !file.imports.subtracting(allowed).isSubset(of: ["Engine", "Synchronization"])
        }
        #expect(others.map(\.path) == [])
    }

    @Test(arguments: [(codecs, sockets), (sockets, codecs)])
    func `codecs and sockets know nothing of each other`(here: [String], there: [String]) {
        let foreign = tree.swift(in: there).reduce(into: Set()) { $0.formUnion($1.declaredTypes) }
        let mentions = tree.swift(in: here).flatMap { file in
            file.words.intersection(foreign).map { "\(file.path): \($0)" }
        }
        #expect(mentions == [])
    }

    @Test(arguments: ["@unchecked Sendable", "nonisolated(unsafe)", "unsafeBitCast"])
    func `what the compiler can't check stays in the seams`(escape: String) {
        let others = tree.swift(in: ["Sources", "Benchmarks"]).filter { file in
            !Self.seams.contains(file.path) && file.code.contains { $0.contains(escape) }
        }
        #expect(others.map(\.path) == [])
    }

    @Test func `every seam that is named here is still there`() {
        let paths = Set(tree.files.map(\.path))
        #expect(Self.seams.union(Self.zlibSeams).subtracting(paths) == [])
    }

    @Test(arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X"])
    func `nothing is left for later`(mark: String) {
        let others = tree.files.filter { $0.lines.contains { $0.contains(mark) } }
        #expect(others.map(\.path) == [])
    }

    @Test func `no file of code is longer than 400 lines`() {
        let others = tree.files.filter { file in
            !file.path.hasSuffix(".css") && !file.path.hasSuffix(".html") && file.lines.count > 401
        }
        #expect(others.map { "\($0.path): \($0.lines.count - 1)" } == [])
    }

    @Test func `the changelog begins with a version, or with what is unreleased`() {
        let heading = tree.changelog.split(separator: "\n").first { $0.hasPrefix("## ") } ?? ""
        #expect(heading.contains(#/^## (Unreleased|\d+\.\d+\.\d+)/#))
    }

    private static let codecs = [
        "Sources/Transport/HTTP", "Sources/Transport/WebSocket", "Sources/Transport/STOMP",
    ]

    private static let sockets = ["Sources/Transport/Sockets"]

    /// The files that may go behind the compiler's back; each says what guards it.
    private static let seams: Set<String> = [
        "Sources/Transport/Redis/RedisConnection.swift",
        "Sources/Transport/SQLite/SQLiteConnection.swift",
    ]

    /// The files of codecs that may call zlib.
    private static let zlibSeams: Set<String> = [
        "Sources/Transport/WebSocket/ZlibStream.swift"
    ]
}
