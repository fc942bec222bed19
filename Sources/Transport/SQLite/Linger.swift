/// Decides whether a batch waits for company before it is begun.
///
/// A commit costs much the same for one row and for ten. Where many publish independently of each
/// other, a short wait lets them share it; where few publish and each waits for its answer, a wait
/// brings nobody and only slows them down. The two are told apart by trying: when rows have queued
/// up behind a commit, some batches wait, and waiting goes on while the second half of it still
/// brings rows. Those who had only waited for the last commit come in the first half.
struct Linger {
    /// How long a batch waits: the first row, all of it; the average one, half.
    static let spanUs: UInt32 = 500

    private enum State {
        /// No trial before so many more batches.
        case off(batchesLeft: Int)
        /// Rows that the second half brings, as a moving average.
        case on(lateRows: Double)
    }

    /// A batch of so many rows shares its commit well enough.
    private static let rowsEnough = 32
    /// Waiting ends when its second half brings less: that is 1,000 rows a second.
    private static let lateRowsMin = 0.25
    /// The weight of the newest batch in the average: a trial that brings nothing ends after 22.
    private static let newestWeight = 1.0 / 16
    /// What a failed trial, of 11 ms, is spread over.
    private static let batchesBetweenTrials = 1_024

    private var state = State.off(batchesLeft: 0)

    /// Whether the next batch is to wait, when so many of its rows are there.
    func isDue(waiting rowCount: Int) -> Bool {
        switch state {
        case .off: false
        case .on: rowCount < Self.rowsEnough
        }
    }

    /// Learns from a batch that was begun at once.
    mutating func begins(rowCount: Int) {
        guard case .off(let batchesLeft) = state else { return }
        if batchesLeft == 0, rowCount > 1 {
            state = .on(lateRows: 1)
        } else {
            state = .off(batchesLeft: max(0, batchesLeft - 1))
        }
    }

    /// Learns from a batch that has waited, and got so many rows in the second half.
    mutating func begins(lateRowCount: Int) {
        guard case .on(let average) = state else { return }
        let lateRows = average + (Double(lateRowCount) - average) * Self.newestWeight
        state =
            lateRows < Self.lateRowsMin
            ? .off(batchesLeft: Self.batchesBetweenTrials) : .on(lateRows: lateRows)
    }
}
