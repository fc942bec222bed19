import Glibc

/// A system call that failed for a reason of the environment.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was attempted, in the operator's words: `bind 127.0.0.1:8080`.
    public let operation: String
    public let code: Int32

    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// The operation and the system's own words for the code.
    public var description: String {
        guard let words = unsafe strerror(code) else { return "\(operation): error \(code)" }
        return unsafe "\(operation): \(String(cString: words))"
    }
}
