import Measure

/// What the command line of `micro` asks for.
struct MicroOptions: Sendable {
    /// The benchmark to run, or what the names of several begin with; nil: all of them.
    let only: String?
    /// Where the figures go as JSON too.
    let jsonPath: String?
    /// Allowed allocations: counts them alone, and fails where there are more.
    let thresholdsPath: String?
    /// Where what is counted becomes what is allowed.
    let newThresholdsPath: String?
    /// The benchmark whose allocations are to be explained.
    let traced: String?

    static let flags = [
        Flag("only", "NAME", "Run one benchmark, or those whose names begin like this."),
        Flag("json", "FILE", "Write the figures to a file too."),
        Flag(
            "check", "FILE", "Count only, and fail where there are more allocations than allowed."),
        Flag("allow", "FILE", "Count only, and allow in the file what was counted."),
        Flag("trace", "NAME", "Show where the allocations of one benchmark come from."),
    ]

    init(_ values: FlagValues) throws(FlagError) {
        only = values.text("only")
        jsonPath = values.text("json")
        thresholdsPath = values.text("check")
        newThresholdsPath = values.text("allow")
        traced = values.text("trace")
        if newThresholdsPath != nil, only != nil || thresholdsPath != nil {
            throw .contradiction("--allow goes with neither --only nor --check")
        }
        if traced != nil, ["only", "json", "check", "allow"].contains(where: values.has) {
            throw .contradiction("--trace goes with no other flag")
        }
    }
}
