import Testing

@testable import Transport

/// When a batch waits for company. Rows and batches are told, time is not.
struct LingerTests {
    private var linger = Linger()

    @Test
    mutating func `never waits for one publisher who waits for each answer`() {
        for _ in 1...5_000 {
            #expect(!linger.isDue(waiting: 1))
            linger.begins(rowCount: 1)
        }
    }

    @Test
    mutating func `waits once rows have queued up behind a commit`() {
        linger.begins(rowCount: 2)
        #expect(linger.isDue(waiting: 1))
    }

    @Test
    mutating func `goes on waiting while one row comes late in every second batch`() {
        linger.begins(rowCount: 2)
        for batch in 1...5_000 {
            #expect(linger.isDue(waiting: 1))
            linger.begins(lateRowCount: batch % 2)
        }
    }

    @Test
    mutating func `gives up after 22 batches when nobody comes late`() {
        #expect(trial() == 22)
    }

    @Test
    mutating func `tries again, but rarely, where waiting has brought nothing`() {
        _ = trial()
        for _ in 1...1_024 {
            #expect(!linger.isDue(waiting: 2))
            linger.begins(rowCount: 2)
        }
        #expect(trial() == 22)
    }

    @Test
    mutating func `takes a batch that is large enough at once`() {
        linger.begins(rowCount: 100)
        #expect(linger.isDue(waiting: 31))
        #expect(!linger.isDue(waiting: 32))
        linger.begins(rowCount: 32)
        #expect(linger.isDue(waiting: 31))
    }

    /// Starts to wait where that may be, brings nothing late, and counts the batches that waited.
    private mutating func trial() -> Int {
        linger.begins(rowCount: 2)
        var count = 0
        while linger.isDue(waiting: 2), count < 1_000 {
            linger.begins(lateRowCount: 0)
            count += 1
        }
        return count
    }
}
