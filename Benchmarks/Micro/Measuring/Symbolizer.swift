import CountedAllocations
import Foundation

/// Turns addresses of this process into names of functions and places in the source.
///
/// A seam to C, as `Trace` is.
enum Symbolizer {
    /// For each address the functions it stands for, those that were inlined first.
    static func names(of addresses: Set<UInt>) throws -> [UInt: [SourceFrame]] {
        let known = addresses.compactMap { address in
            // A return address is the instruction after the call.
            place(of: address - 1).map { (address: address, place: $0) }
        }
        let answers = try ask(known.map { "\"\($0.place.file)\" \($0.place.offset)" })
        return Dictionary(
            zip(known.map(\.address), answers), uniquingKeysWith: { first, _ in first })
    }

    private static func place(of address: UInt) -> (file: String, offset: UInt)? {
        var offset: UInt = 0
        guard let file = unsafe counted_file(address, &offset) else { return nil }
        return (unsafe String(cString: file), offset)
    }

    private static func ask(_ questions: [String]) throws -> [[SourceFrame]] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["llvm-symbolizer", "--no-demangle", "--basenames"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // From another thread, since the answers may fill their pipe before all is asked.
        let text = questions.joined(separator: "\n")
        let writing = Thread {
            input.fileHandleForWriting.write(Data(text.utf8))
            try? input.fileHandleForWriting.close()  // the process has ended: it needs no end
        }
        writing.start()
        let answers = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return answers.components(separatedBy: "\n\n").map { functions($0) }
    }

    /// Lines in pairs: the function, and its place.
    private static func functions(_ answer: String) -> [SourceFrame] {
        let lines = answer.split(separator: "\n")
        return stride(from: 0, to: lines.count - 1, by: 2).map { line in
            let place = lines[line + 1].split(separator: ":").prefix(2).joined(separator: ":")
            return SourceFrame(function: demangled(String(lines[line])), place: place)
        }
    }

    private static func demangled(_ name: String) -> String {
        guard let text = unsafe counted_demangled(name) else { return name }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
