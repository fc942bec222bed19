import Foundation
import Glibc

/// Which process is whose child, at one moment (proc(5)).
struct ProcessTree: Sendable {
    private var children: [Int32: [Int32]] = [:]
    private var endedChildrenTicks: [Int32: Int64] = [:]

    /// What `/proc/PID/stat` says.
    struct Stat: Hashable, Sendable {
        let parent: Int32
        /// CPU time of children that have ended and were waited for, and of theirs.
        let endedChildrenTicks: Int64

        /// Nil for what is no such line. The second field, a name in parentheses, may hold anything.
        init?(line: String) {
            guard let end = line.lastIndex(of: ")") else { return nil }
            // Field 3, the state, is the first of these.
            let fields = line[line.index(after: end)...].split(separator: " ")
            guard fields.count > 14, let parent = Int32(fields[1]), let user = Int64(fields[13]),
                let system = Int64(fields[14])
            else { return nil }
            self.parent = parent
            endedChildrenTicks = user + system
        }
    }

    /// The processes there are.
    static var now: ProcessTree {
        var tree = ProcessTree()
        // Without /proc nothing is known of anybody's children.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for pid in names.lazy.compactMap({ Int32($0) }) {
            guard let line = ProcessUsage.read("/proc/\(pid)/stat"), let stat = Stat(line: line)
            else { continue }
            tree.add(pid, stat)
        }
        return tree
    }

    /// Takes in one process.
    mutating func add(_ pid: Int32, _ stat: Stat) {
        children[stat.parent, default: []].append(pid)
        endedChildrenTicks[pid] = stat.endedChildrenTicks
    }

    /// These processes, their children, and so on; each once.
    func descendants(of pids: [Int32]) -> [Int32] {
        var all: [Int32] = []
        var seen: Set<Int32> = []
        var next = pids
        while let pid = next.popLast() {
            guard seen.insert(pid).inserted else { continue }
            all.append(pid)
            next += children[pid] ?? []
        }
        return all
    }

    /// CPU time of a process's children that have ended; to within a hundredth of a second.
    func endedChildrenCPUUs(of pid: Int32) -> Int64 {
        let ticksPerSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return (endedChildrenTicks[pid] ?? 0) * 1_000_000 / ticksPerSecond
    }
}
