import Testing

@testable import LoadTest

/// What a bar writes, on a terminal that a test can resize.
private final class Paper {
    var width: Int?
    var text = ""

    init(width: Int?) { self.width = width }

    var screen: Screen { Screen(width: { self.width }, write: { self.text += $0 }) }
}

struct ProgressBarTests {
    private let standing = Standing(elapsedUs: 3_000_000, ofUs: 12_000_000, ["9,000/s", "lost 1"])

    @Test func `on a terminal one line is drawn in place ten times a second`() {
        let paper = Paper(width: 60)
        let bar = ProgressBar(startUs: 0, on: paper.screen)
        for us in stride(from: Int64(0), through: 300_000, by: 10_000) {
            bar.report(atUs: us) { standing }
        }
        let line = "\r▕███▌          ▏  3 s of 12 s  9,000/s  lost 1\u{1b}[K"
        let drawn = paper.text.split(separator: "\r", omittingEmptySubsequences: true)
        #expect(drawn.count == 3)
        #expect(paper.text.hasPrefix(line), "\(paper.text)")
        #expect(!paper.text.contains("\n"))
    }

    @Test func `elsewhere there is a line each second`() {
        let paper = Paper(width: nil)
        let bar = ProgressBar(startUs: 0, on: paper.screen)
        for us in stride(from: Int64(0), through: 2_500_000, by: 10_000) {
            bar.report(atUs: us) { standing }
        }
        bar.finish()
        let line = "3 s of 12 s  9,000/s  lost 1\n"
        #expect(paper.text == line + line)
    }

    @Test func `the end, or being released, leaves the line`() {
        let paper = Paper(width: 60)
        let bar = ProgressBar(startUs: 0, on: paper.screen)
        bar.finish()
        #expect(paper.text == "")
        bar.report(atUs: 100_000) { standing }
        bar.finish()
        bar.finish()
        #expect(paper.text.hasSuffix("\u{1b}[K\n"))

        let other = Paper(width: 60)
        do {
            let bar = ProgressBar(startUs: 0, on: other.screen)
            bar.report(atUs: 100_000) { standing }
        }
        #expect(other.text.hasSuffix("\u{1b}[K\n"))
    }

    @Test func `what is said stays above the bar`() {
        let paper = Paper(width: 60)
        let bar = ProgressBar(startUs: 0, on: paper.screen)
        bar.say("opening")
        #expect(paper.text == "opening\n")
        bar.report(atUs: 100_000) { standing }
        paper.text = ""
        bar.say("a connection was lost")
        #expect(paper.text == "\r\u{1b}[Ka connection was lost\n")
        bar.finish()
        #expect(paper.text == "\r\u{1b}[Ka connection was lost\n")
    }

    @Test func `follows the window's width, and never fills the last column`() {
        let paper = Paper(width: 200)
        let bar = ProgressBar(startUs: 0, on: paper.screen)
        for width in [200, 80, 47, 30, 12, 3, 1] {
            paper.width = width
            paper.text = ""
            bar.report(atUs: 1_000_000 + Int64(200 - width) * 1_000_000) { standing }
            #expect(paper.text.hasPrefix("\r"))
            #expect(paper.text.dropFirst().dropLast(3).count <= max(1, width - 1))
        }
    }
}

struct StandingTests {
    private func bar(_ fraction: Double, columns: Int) -> String {
        let standing = Standing(fraction: fraction, extent: "x", facts: [])
        return String(standing.line(width: columns * 4).dropFirst().prefix(columns))
    }

    @Test(
        arguments: [
            (0.0, "        "), (0.5, "████    "), (1, "████████"), (7, "████████"),
            (-1, "        "),
            (0.99, "███████▉"), (1.0 / 64, "▏       "),
        ] as [(Double, String)])
    func `a bar is as long as what is done`(fraction: Double, text: String) {
        #expect(bar(fraction, columns: 8) == text)
    }

    @Test func `facts that do not fit are left out, the last ones first`() {
        let standing = Standing(fraction: nil, extent: "12 s", facts: ["one", "two", "three"])
        #expect(standing.line(width: 80) == "12 s  one  two  three")
        #expect(standing.line(width: 15) == "12 s  one  two")
        #expect(standing.line(width: 4) == "12 s")
        #expect(standing.line(width: 3) == "12 ")
    }

    @Test func `an end that is not known has no bar`() {
        let standing = Standing(elapsedUs: 5_400_000, ofUs: nil, ["1/s"])
        #expect(standing.line(width: 80) == "5 s  1/s")
    }

    @Test func `what is counted has its total`() {
        let standing = Standing(count: 1_500, of: 10_000, "connections")
        #expect(standing.extent == "1,500 of 10,000 connections")
        #expect(standing.fraction == 0.15)
        #expect(Standing(count: 0, of: 0, "x").fraction == 0)
    }

    @Test func `traffic tells its rate, its p99 and what is missing`() {
        var timeline = Timeline(startUs: 0)
        #expect(Standing.facts(of: timeline, onTheirWay: 5) == ["on their way 5"])
        for number in Int64(0)..<2_000 {
            timeline.delivered(atUs: number * 1_000, latencyUs: 30)
        }
        timeline.finish(atUs: 2_000_000)
        #expect(
            Standing.facts(of: timeline, onTheirWay: 1_234, lost: 2)
                == ["1,000/s", "p99 0.03 ms", "on their way 1,234", "lost 2"])
    }
}
