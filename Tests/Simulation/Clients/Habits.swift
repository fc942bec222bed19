/// What sets one client apart from the others.
struct Habits {
    /// How long it takes to read a kilobyte; nil: no time.
    let readMsPerKilobyte: Int64?
    /// Whether it looks at a page of history before it listens.
    let takesSnapshots: Bool
    /// Whether it listens for refusals, and so stays connected.
    let hearsErrors: Bool
    /// Milliseconds between two things it does.
    let pauseMs: ClosedRange<Int64>

    init(_ dice: Dice, pauseMs: ClosedRange<Int64>) {
        readMsPerKilobyte = dice.oneIn(5) ? dice.within(1...60) : nil
        takesSnapshots = dice.oneIn(3)
        hearsErrors = !dice.oneIn(4)
        self.pauseMs = pauseMs
    }
}
