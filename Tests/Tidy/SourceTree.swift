import Foundation

/// The text of the tree that this test was compiled from.
struct SourceTree: Sendable {
    /// Every file under the folders that we write code in, sorted by path.
    let files: [SourceFile]
    /// `CHANGELOG.md`; empty where there is none.
    let changelog: String

    /// The tree around this file.
    static let ours = SourceTree(
        root: URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent())

    private static let folders = ["Sources", "Tests", "Benchmarks", "Web", "Deploy"]
    private static let extensions = ["swift", "h", "py", "js", "mjs", "css", "html", "sh", ""]

    init(root: URL) {
        var paths: [String] = []
        for folder in Self.folders {
            let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path())
            while let path = found?.nextObject() as? String { paths.append("\(folder)/\(path)") }
        }
        files = paths.sorted().compactMap { path in
            let url = root.appending(path: path)
            // A folder, or bytes that are no text: neither is for us.
            guard Self.extensions.contains(url.pathExtension),
                let text = try? String(contentsOf: url, encoding: .utf8)
            else { return nil }
            return SourceFile(path: path, text: text)
        }
        // A missing file is as good as an empty one: the test on its content fails.
        let url = root.appending(path: "CHANGELOG.md")
        changelog = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    }

    /// The Swift files under one of `folders`, given from the root.
    func swift(in folders: [String]) -> [SourceFile] {
        files.filter { file in
            file.path.hasSuffix(".swift") && folders.contains { file.path.hasPrefix($0 + "/") }
        }
    }
}

/// One text file.
struct SourceFile: Sendable {
    /// From the root of the tree: `Sources/Engine/Ports/Broker.swift`.
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The modules that a Swift file imports, submodules and single declarations as their module.
    var imports: Set<String> {
        Set(code.compactMap(Self.imported))
    }

    /// The lines without what follows `//`.
    var code: [Substring] {
        lines.map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }
    }

    /// The names of the types that a Swift file declares outside any other.
    var declaredTypes: Set<Substring> {
        Set(
            code.compactMap { line in
                let words = line.split(separator: " ", omittingEmptySubsequences: false)
                guard let kind = words.firstIndex(where: Self.typeKinds.contains),
                    kind + 1 < words.count,
                    words[..<kind].allSatisfy({ Self.declarationModifiers.contains($0) })
                else { return nil }
                return words[kind + 1].prefix { $0.isLetter || $0.isNumber }
            })
    }

    /// Every identifier and keyword in the code of a Swift file, once.
    var words: Set<Substring> {
        Set(code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } })
    }

    /// The module that a line imports, if it does.
    private static func imported(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        let before = words.prefix { $0 != "import" }
        guard before.allSatisfy({ importModifiers.contains($0) || $0.hasPrefix("@") }) else {
            return nil
        }
        let after = words.dropFirst(before.count + 1).drop { importKinds.contains($0) }
        return after.first.map { String($0.prefix { $0 != "." }) }
    }

    private static let importModifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]

    private static let importKinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    private static let typeKinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol"]

    private static let declarationModifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private", "final", "indirect",
    ]
}
