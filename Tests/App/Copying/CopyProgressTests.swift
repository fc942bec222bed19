import Engine
import Testing

@testable import App
@testable import Transport

struct CopyProgressTests {
    @Test func `on a terminal one line is drawn anew, with a bar, a rate and what is left`() {
        var progress = CopyProgress(columns: 101, nowMs: 1_000)
        #expect(progress.text(of: state(10, of: 100), atMs: 1_050) == nil)
        #expect(progress.end() == "")
        let text = progress.text(of: state(50, of: 100), atMs: 2_050)
        let bar = String(repeating: "#", count: 12) + String(repeating: "-", count: 13)
        #expect(
            text
                == "\r[\(bar)]  copying 50 of 100  50/s  1 s left  records 50  streams 0  "
                + "messages 0\u{1b}[K")
        #expect(progress.text(of: state(51, of: 100), atMs: 2_100) == nil)
        #expect(progress.end() == "\n")
        #expect(progress.end() == "")
    }

    @Test func `a narrow terminal shows what there is room for`() {
        for columns in 1...120 {
            var progress = CopyProgress(columns: columns, nowMs: 0)
            let text = progress.text(of: state(50, of: 100), atMs: 1_000) ?? ""
            #expect(text.count - "\r\u{1b}[K".count < columns)
        }
    }

    @Test func `elsewhere a line is written each few seconds`() {
        var progress = CopyProgress(columns: nil, nowMs: 0)
        #expect(progress.text(of: state(1, of: 9), atMs: 2_999) == nil)
        let line = progress.text(of: state(3, of: 9), atMs: 3_000)
        #expect(line == "copying 3 of 9  records 3  streams 0  messages 0\n")
        #expect(progress.text(of: state(3, of: 9), atMs: 5_999) == nil)
        let later = progress.text(of: state(6, of: 9), atMs: 7_999)
        #expect(later == "copying 6 of 9  1/s  3 s left  records 6  streams 0  messages 0\n")
        #expect(progress.end() == "")
    }

    @Test func `the rate is that of the step, and of this run alone`() {
        var progress = CopyProgress(columns: nil, nowMs: 0)
        _ = progress.text(of: CommunityCopy.Progress(.clearing), atMs: 0)
        _ = progress.text(of: state(10, before: 1_000, of: 2_000), atMs: 4_000)
        let line = progress.text(of: state(40, before: 1_000, of: 2_000), atMs: 8_000)
        #expect(line?.hasPrefix("copying 1040 of 2000  10/s  96 s left") == true)
        let clearing = CommunityCopy.Progress(.clearing)
        #expect(progress.text(of: clearing, atMs: 20_000) == "clearing\n")
    }

    /// Copying, with so many records read after what earlier runs have done.
    private func state(
        _ count: Int, before: Int = 0, of total: Int
    ) -> CommunityCopy.Progress {
        var tally = CommunityTally()
        let record = Record(value: [], version: 1)
        for _ in 0..<count { tally.add(.record(RecordKey("a", "b"), record)) }
        return CommunityCopy.Progress(.copying, tally, done: before + count, of: total)
    }
}
