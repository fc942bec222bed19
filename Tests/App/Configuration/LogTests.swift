import Foundation
import Synchronization
import Testing

@testable import App

struct LogTests {
    @Test func `a line has the time, the level, the event and its fields in order`() {
        let lines = written(.info) {
            $0.info("listening", ["host": IPAddress.v4(0x7f00_0001), "port": 8080])
        }
        #expect(lines == ["2023-11-14T22:13:20.000Z info listening host=127.0.0.1 port=8080\n"])
    }

    @Test func `what is below the level is neither written nor evaluated`() {
        let lines = written(.warning) { log in
            log.debug("a", ["value": unexpected()])
            log.info("b", ["value": unexpected()])
            log.warning("c")
            log.error("d")
        }
        #expect(lines.map { $0.split(separator: " ")[1] } == ["warning", "error"])
    }

    @Test(arguments: [
        ("plain/text-1:2", "plain/text-1:2"), ("", "\"\""), ("two words", "\"two words\""),
        ("a=b", "\"a=b\""), ("say \"hi\"", #""say \"hi\"""#), ("back\\slash", #""back\\slash""#),
        ("line\nerror forged", #""line\nerror forged""#), ("\u{1b}[31m", #""\u{1B}[31m""#),
        ("고양이", "고양이"), ("a\u{2028}b", "\"a\u{2028}b\""),
    ])
    func `a value can't pass for another field or line`(value: String, shown: String) {
        let lines = written(.info) { $0.info("e", ["v": value]) }
        #expect(lines == ["2023-11-14T22:13:20.000Z info e v=\(shown)\n"])
    }

    @Test func `a secret shows as a mask, however it is printed`() {
        let secret = Secret("hunter2 hunter2 hunter2")
        let lines = written(.info) { $0.info("e", ["key": secret]) }
        var dumped = String(reflecting: secret)
        dump(secret, to: &dumped)
        #expect(lines == ["2023-11-14T22:13:20.000Z info e key=(hidden)\n"])
        #expect(!dumped.contains("104"), "dump shows the bytes")
    }

    private func written(_ level: LogLevel, _ body: (Log) -> Void) -> [String] {
        let lines = Lines()
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        body(Log(level, now: { time }, write: { lines.append($0) }))
        return lines.all
    }

    private func unexpected() -> String {
        Issue.record("evaluated a field that is not logged")
        return ""
    }
}

/// What a log wrote, from whichever threads.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
