/// Why a command ended without having done its work: one line for the operator.
struct Failure: Error, Sendable {
    let reason: String
    /// The program's exit status.
    var status: Int32 = 1

    init(_ reason: String) {
        self.reason = reason
    }
}
