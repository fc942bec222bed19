/// What happened, folded into a number: the same seed gives the same one in every process.
public final class Trace {
    public enum Kind: UInt64, Sendable {
        case message = 1
        case receipt
        case event
        case farewell
        case blow
        case end
    }

    public private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private let print: ((String) -> Void)?
    /// Since the beginning of the run.
    var elapsedMs: () -> Int64 = { 0 }

    /// Lines go to `print`, where there is one.
    public init(printing print: ((String) -> Void)? = nil) {
        self.print = print
    }

    func add(_ kind: Kind, _ who: UInt32, _ what: UInt64, _ line: () -> String) {
        for word in [kind.rawValue, UInt64(who), what, UInt64(elapsedMs())] {
            hash = (hash ^ word) &* 0x0000_0100_0000_01b3
        }
        print?("\(elapsedMs()) ms [\(who)] \(line())")
    }
}
