import Testing

@testable import Engine

struct RoomLogTests {
    private static let epoch = Epoch(rawValue: 7)

    /// A log that begins at a top, with the offsets that were accepted since.
    private func log(top: UInt64 = 0, floor: UInt64 = 1, accepting count: Int = 0) -> RoomLog {
        var log = RoomLog(
            StreamPage(epoch: Self.epoch, publications: [], floor: floor, top: top))
        for offset in top..<top + UInt64(count) {
            _ = log.accept([.stub(offset + 1)], epoch: Self.epoch)
        }
        return log
    }

    @Test func `delivers what comes next, and drops what came before`() {
        var log = log(top: 3)
        #expect(log.accept([.stub(4)], epoch: Self.epoch).line == "deliver 4")
        #expect(log.accept([.stub(4)], epoch: Self.epoch).line == "deliver")
        #expect(log.accept([.stub(3), .stub(4), .stub(5)], epoch: Self.epoch).line == "deliver 5")
        #expect(log.accept([], epoch: Self.epoch).line == "deliver")
        #expect(log.position == Position(epoch: Self.epoch, offset: 5))
    }

    @Test func `finds a gap and keeps its place`() {
        var log = log(top: 3)
        #expect(log.accept([.stub(5), .stub(6)], epoch: Self.epoch).line == "gap")
        #expect(log.delivered == 3)
        #expect(log.accept([.stub(4), .stub(5)], epoch: Self.epoch).line == "deliver 4 5")
    }

    @Test func `finds a new epoch, whatever its offsets`() {
        var log = log(top: 3)
        #expect(log.accept([.stub(4)], epoch: Epoch(rawValue: 8)).line == "new epoch")
        #expect(log.delivered == 3)
    }

    @Test(arguments: [
        (JoinStart.live, "join, complete"),
        (.last(0), "join, complete"),
        (.last(2), "join 9 10, complete"),
        (.last(3), "read after 7, complete"),
        (.last(100), "read after 0, complete"),
        (.after(Position(epoch: epoch, offset: 10)), "join, complete"),
        (.after(Position(epoch: epoch, offset: 9)), "join 10, complete"),
        (.after(Position(epoch: epoch, offset: 8)), "join 9 10, complete"),
        (.after(Position(epoch: epoch, offset: 7)), "read after 7, complete"),
        (.after(Position(epoch: epoch, offset: 0)), "read after 0, complete"),
        (.after(Position(epoch: epoch, offset: 11)), "unknown"),
        (.after(Position(epoch: Epoch(rawValue: 8), offset: 9)), "unknown"),
    ])
    func `plans a start from what is in memory, or from the log`(start: JoinStart, plan: String) {
        #expect(log(top: 8, accepting: 2).plan(from: start).line == plan)
    }

    @Test(arguments: [
        (JoinStart.last(100), "read after 5, complete"),
        (.after(Position(epoch: epoch, offset: 5)), "read after 5, complete"),
        (.after(Position(epoch: epoch, offset: 4)), "read after 5, gap"),
        (.after(Position(epoch: epoch, offset: 0)), "read after 5, gap"),
    ])
    func `plans no further back than the floor`(start: JoinStart, plan: String) {
        #expect(log(top: 10, floor: 6).plan(from: start).line == plan)
    }

    @Test func `learns a higher floor, and forgets no floor`() {
        var log = log(top: 10, floor: 6)
        log.raise(floor: 8)
        log.raise(floor: 7)
        #expect(log.floor == 8)
    }

    @Test func `an emptied stream has nothing to read`() {
        let log = log(top: 10, floor: 11)
        #expect(log.plan(from: .last(5)).line == "join, complete")
        #expect(
            log.plan(from: .after(Position(epoch: Self.epoch, offset: 3))).line == "join, gap")
    }

    @Test func `keeps a bounded number of publications in memory`() {
        let log = log(accepting: 10_000)
        var kept = 0
        while case .join = log.plan(after: log.delivered - UInt64(kept + 1), .complete) {
            kept += 1
        }
        #expect((1...256).contains(kept))
    }

    @Test func `keeps a bounded number of bytes in memory`() {
        var log = log()
        for offset in UInt64(1)...200 {
            _ = log.accept([.stub(offset, bodyBytes: 65_536)], epoch: Self.epoch)
        }
        var kept = 0
        while case .join = log.plan(after: log.delivered - UInt64(kept + 1), .complete) {
            kept += 1
        }
        #expect(kept <= 5)
    }
}

extension Publication {
    fileprivate static func stub(_ offset: UInt64, bodyBytes: Int = 1) -> Publication {
        Publication(
            offset: offset, sender: .server, senderName: "", contentType: "",
            body: Array(repeating: 0, count: bodyBytes), timestampMs: 0)
    }
}

extension RoomLog.Acceptance {
    fileprivate var line: String {
        switch self {
        case .deliver(let news): "deliver" + news.map { " \($0.offset)" }.joined()
        case .gap: "gap"
        case .newEpoch: "new epoch"
        }
    }
}

extension RoomLog.Plan {
    fileprivate var line: String {
        switch self {
        case .join(let replay, let resume):
            "join" + replay.map { " \($0.offset)" }.joined() + ", \(resume.rawValue)"
        case .read(let offset, let resume):
            "read after \(offset), \(resume.rawValue)"
        case .unknown: "unknown"
        }
    }
}
