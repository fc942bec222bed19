import Foundation
import Synchronization

/// How much an event matters to the operator.
package enum LogLevel: String, Comparable, Sendable {
    case debug
    case info
    case warning
    case error

    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.severity < right.severity
    }

    private var severity: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// The operator's log: one line an event, with its time, level, name and fields.
///
///     2026-01-31T09:30:00.000Z info listening host=127.0.0.1 port=8080
///
/// A field's value is quoted where it could be misread, so that nothing a client sends can forge a
/// line or a field. Bodies, tokens and passwords must not be logged; a `Secret` shows as a mask.
/// A line is written by the caller's thread: log what happens per connection or less often, never
/// per message.
package struct Log: Sendable {
    /// Names and values, in the order in which they are written.
    package typealias Fields = KeyValuePairs<String, any CustomStringConvertible>

    private let level: LogLevel
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// A log that drops what is below `level` and gives `write` each other line, newline included.
    /// `write` is called on any thread, and at the same time on several.
    package init(
        _ level: LogLevel, now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void = Log.writeToStandardError
    ) {
        self.level = level
        self.now = now
        self.write = write
    }

    /// What helps only to understand the program. The fields are not evaluated unless logged.
    func debug(_ event: String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.debug, event, fields)
    }

    /// What the operator may want to know about normal running.
    package func info(_ event: String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.info, event, fields)
    }

    /// What is wrong but was coped with.
    package func warning(_ event: String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.warning, event, fields)
    }

    /// What failed and needs the operator.
    package func error(_ event: String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.error, event, fields)
    }

    private func record(_ level: LogLevel, _ event: String, _ fields: () -> Fields) {
        guard level >= self.level else { return }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var line = "\(now().formatted(style)) \(level.rawValue) \(event)"
        for (name, value) in fields() {
            line += " \(name)=\(Self.quotedWhereNeeded(value.description))"
        }
        write(line + "\n")
    }

    private static func quotedWhereNeeded(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && !"\"=\\".unicodeScalars.contains(scalar)
        }
        return isPlain && !value.isEmpty ? value : value.debugDescription
    }

    /// Keeps the lines of several threads apart.
    private static let standardErrorLock = Mutex(())

    /// Writes to standard error, whole lines only.
    static func writeToStandardError(_ line: String) {
        standardErrorLock.withLock { _ in
            // When standard error is gone, there is nobody left to tell.
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
    }
}
