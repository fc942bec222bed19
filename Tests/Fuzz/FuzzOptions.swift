import Foundation

/// A command line that can't be followed, with the reason.
struct FuzzUsageError: Error {
    let reason: String
}

/// What the command line asks for.
struct FuzzOptions {
    private(set) var duration = Duration.seconds(60)
    private(set) var seed = UInt64.random(in: 0...0xffff_ffff)
    /// Nil: all of them, one after the other.
    private(set) var target: String?
    private(set) var statePath = FileManager.default.temporaryDirectory
        .appendingPathComponent("fuzz-\(ProcessInfo.processInfo.processIdentifier).state").path
    private(set) var replay: FuzzCase?

    init(arguments: [String]) throws(FuzzUsageError) {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw FuzzUsageError(reason: "\(flag) needs a value, or is unknown")
            }
            switch flag {
            case "--seconds":
                guard let seconds = Int(value), seconds > 0 else {
                    throw FuzzUsageError(reason: "--seconds wants a positive number")
                }
                duration = .seconds(seconds)
            case "--seed":
                guard let number = UInt64(value) else {
                    throw FuzzUsageError(reason: "--seed wants a number")
                }
                seed = number
            case "--target":
                target = value
            case "--state":
                statePath = value
            case "--replay":
                guard let testCase = FuzzCase(text: value) else {
                    throw FuzzUsageError(reason: "--replay wants TARGET:SEED:HEX")
                }
                replay = testCase
            default:
                throw FuzzUsageError(reason: "unknown flag \(flag)")
            }
        }
    }
}
