/// A function in a backtrace, shortened to what a reader of our sources needs.
struct SourceFrame: Sendable, Hashable {
    /// `Reactor.receive(_:at:)  MeasuredTick.swift:10`.
    let text: String
    /// Whether a line of a source file is known for it; the runtime and what the compiler made up
    /// have none.
    let isWritten: Bool

    init(function: String, place: String) {
        isWritten = place.contains(".swift:") && !place.hasSuffix(":0")
        let name = Self.shortened(function)
        text = isWritten ? "\(name)  \(place)" : name
    }

    /// Without modules, and without the mark of what is private to a file.
    private static func shortened(_ function: String) -> String {
        var name = function
        for module in ["Swift", "Engine", "Transport", "Micro"] {
            name = name.replacing("\(module).", with: "")
        }
        return name.replacing(#/\((\w+) in _[0-9A-F]{32}\)/#) { $0.output.1 }
    }
}
