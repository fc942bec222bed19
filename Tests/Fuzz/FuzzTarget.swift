/// A parser under fuzzing: what valid input looks like, and how to say what was made of an input.
protocol FuzzTarget {
    /// The word for `--target`, lower case.
    static var name: String { get }

    /// Valid inputs, which mutations start from.
    static var corpus: [[UInt8]] { get }

    /// Runs one input, cut into chunks of the given sizes (their sum is the input's count), through
    /// a fresh parser and describes the events and the error that ended them.
    ///
    /// The description must not depend on the chunks. Traps on a broken invariant.
    static func run(_ input: [UInt8], chunkSizes: [Int]) -> String
}
