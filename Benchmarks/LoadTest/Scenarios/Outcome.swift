/// What a run came to, for whoever reads it.
struct Outcome {
    /// For the JSON file.
    let report: any Encodable
    /// For the terminal.
    let text: String
    /// Whether nothing went wrong.
    let isClean: Bool
    let plot: Plot
}
