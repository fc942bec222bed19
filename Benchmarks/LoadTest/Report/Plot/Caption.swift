import Foundation

/// The lines below a plot's title: what was measured when, and the command that measures it again.
enum Caption {
    /// Flags that say what was measured. Others may carry secrets.
    private static let shown: Set<String> = [
        "--url", "--protocol", "--scenario", "--connections", "--rooms", "--rate", "--window",
        "--duration", "--warmup", "--missed", "--size", "--receipts", "--sample", "--chat",
        "--accounts", "--publish-url", "--publishers", "--ramp-up", "--connecting-max",
    ]
    private static let charactersMax = 150

    /// `server` is what the server calls itself; nil where it says nothing.
    static func lines(server: String?, at date: Date, arguments: [String]) -> [String] {
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        let names = [server, date.formatted(style) + " UTC"].compactMap { $0 }
        return [clipped(names.joined(separator: " · ")), clipped(command(arguments))]
    }

    /// The command with the flags that are shown. A flag's value is the next argument or follows `=`.
    private static func command(_ arguments: [String]) -> String {
        var words = ["loadtest"]
        var isShown = true
        for argument in arguments {
            if argument.hasPrefix("-") {
                isShown = shown.contains(String(argument.prefix { $0 != "=" }))
            }
            if isShown { words.append(withoutQuery(argument)) }
        }
        return words.joined(separator: " ")
    }

    /// A URL without the part in which tokens travel.
    private static func withoutQuery(_ argument: String) -> String {
        guard argument.contains("://"), let mark = argument.firstIndex(of: "?") else {
            return argument
        }
        return argument[..<mark] + "?…"
    }

    private static func clipped(_ line: String) -> String {
        line.count <= charactersMax ? line : line.prefix(charactersMax - 1) + "…"
    }
}
