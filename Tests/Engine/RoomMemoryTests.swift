import Testing

@testable import Engine

struct RoomMemoryTests {
    private static let epoch = Epoch(rawValue: 7)

    /// What a log remembers that began at a top, after so many more were accepted.
    private func memory(
        top: UInt64 = 0, floor: UInt64 = 1, accepting count: Int = 0,
        keeping retention: Retention = Retention(countMax: 1_000), nowMs: Int64 = 0
    ) -> RoomMemory {
        RoomMemory(
            of: log(top: top, floor: floor, accepting: count), keeping: retention, nowMs: nowMs)
    }

    private func log(top: UInt64 = 0, floor: UInt64 = 1, accepting count: Int = 0) -> RoomLog {
        var log = RoomLog(
            StreamPage(epoch: Self.epoch, publications: [], floor: floor, top: top))
        for offset in top..<top + UInt64(count) {
            _ = log.accept([publication(offset + 1)], epoch: Self.epoch)
        }
        return log
    }

    /// Said at the time of its offset.
    private func publication(_ offset: UInt64, bodyBytes: Int = 1) -> Publication {
        Publication(
            offset: offset, sender: UserID(1), senderName: "Mina", contentType: "",
            body: Array(repeating: 97, count: bodyBytes), timestampMs: Int64(offset))
    }

    private func page(_ offsets: ClosedRange<UInt64>, bodyBytes: Int = 1) -> StreamPage {
        StreamPage(
            epoch: Self.epoch,
            publications: offsets.map { publication($0, bodyBytes: bodyBytes) }, floor: 1,
            top: offsets.upperBound)
    }

    private func offsets(_ page: StreamPage?) -> [UInt64]? { page?.publications.map(\.offset) }

    @Test func `has the pages of what it holds, and none that begins before`() {
        let memory = memory(top: 3, accepting: 4)
        #expect(offsets(memory.page(after: 3, limit: 10)) == [4, 5, 6, 7])
        #expect(offsets(memory.page(after: 4, limit: 2)) == [5, 6])
        #expect(offsets(memory.page(after: 7, limit: 10)) == [])
        #expect(offsets(memory.page(after: .max, limit: 10)) == [])
        #expect(memory.page(after: 2, limit: 10) == nil)
        #expect(memory.page(after: 0, limit: 0)?.top == 7)
    }

    @Test func `has the page before its first where nothing older is kept`() {
        #expect(offsets(memory(accepting: 3).page(after: 0, limit: 10)) == [1, 2, 3])
        let trimmed = memory(top: 5, floor: 6, accepting: 2).page(after: 0, limit: 10)
        #expect(offsets(trimmed) == [6, 7])
        #expect(trimmed?.floor == 6)
        #expect(offsets(memory().page(after: 0, limit: 10)) == [])
    }

    @Test func `shows no more than the retention keeps`() {
        let counted = memory(accepting: 9, keeping: Retention(countMax: 2)).page(
            after: 0, limit: 10)
        #expect(offsets(counted) == [8, 9])
        #expect(counted?.floor == 8)
        let aged = memory(
            accepting: 9, keeping: Retention(countMax: 1_000, ageMaxMs: 10), nowMs: 17
        ).page(after: 0, limit: 10)
        #expect(offsets(aged) == [8, 9])
        #expect(aged?.floor == 8)
        let gone = memory(
            accepting: 9, keeping: Retention(countMax: 1_000, ageMaxMs: 10), nowMs: 19
        ).page(after: 3, limit: 10)
        #expect(offsets(gone) == [])
        #expect(gone?.floor == 10)
    }

    @Test func `takes in a page that ends where it begins`() {
        var log = log(top: 4, accepting: 2)
        log.remember(page(1...6)) { $0 }
        #expect(log.recent.map(\.offset) == [1, 2, 3, 4, 5, 6])
        #expect(log.heldBytes == 6 + 6 * 160)
        log.remember(page(1...6)) { $0 }
        #expect(log.recent.count == 6)
    }

    @Test func `takes in no page that leaves a hole or is of another life`() {
        var log = log(top: 4, accepting: 2)
        log.remember(page(1...3)) { $0 }
        log.remember(page(6...6)) { $0 }
        log.remember(
            StreamPage(
                epoch: Epoch(rawValue: 8), publications: [publication(4)], floor: 1, top: 4)
        ) { $0 }
        #expect(log.recent.map(\.offset) == [5, 6])
    }

    @Test func `takes in the newest of a page that is more than it may hold`() {
        var counted = log(top: 400, accepting: 6)
        counted.remember(page(1...400)) { $0 }
        #expect(counted.recent.count == 256)
        #expect(counted.recent.map(\.offset) == Array(151...406))
        var heavy = log(top: 10)
        heavy.remember(page(1...10, bodyBytes: 100 * 1024)) { $0 }
        #expect(heavy.recent.map(\.offset) == [9, 10])
    }
}
