import Foundation
import Testing

@testable import Measure

struct ProcessTreeTests {
    @Test func `a name may hold spaces and parentheses`() {
        let fields = (5...52).map { $0 == 16 ? "30" : $0 == 17 ? "12" : "0" }
        let line = "7 (a ) b (c) S 3 " + fields.joined(separator: " ")
        let stat = ProcessTree.Stat(line: line)
        #expect(stat?.parent == 3)
        #expect(stat?.endedChildrenTicks == 42)
    }

    @Test(arguments: ["", "7 (a) S", "7 a S 3 0 0"])
    func `what is no line of a process is refused`(line: String) {
        #expect(ProcessTree.Stat(line: line) == nil)
    }

    @Test func `children's children belong to the tree, each process once`() throws {
        var tree = ProcessTree()
        let line = { (parent: Int) in "1 (x) S \(parent) " + String(repeating: "0 ", count: 40) }
        for (pid, parent) in [(2, 1), (3, 2), (4, 3), (5, 1), (6, 9)] as [(Int32, Int)] {
            tree.add(pid, try #require(ProcessTree.Stat(line: line(parent))))
        }
        #expect(tree.descendants(of: [2, 3]).sorted() == [2, 3, 4])
    }

    @Test func `a child's memory counts for its parent's tree`() throws {
        let child = Process()
        child.executableURL = URL(filePath: "/bin/cat")
        child.standardInput = Pipe()
        child.standardOutput = Pipe()
        try child.run()
        defer { child.terminate() }
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(ProcessTree.now.descendants(of: [own]).contains(child.processIdentifier))
        #expect(ProcessUsage(ofTrees: [own]) != nil)
        #expect(ProcessUsage(ofTrees: [own, .max]) == nil)
    }
}
