import Measure
import Testing
import Transport

@testable import LoadTest

struct InvocationTests {
    private static let url = "ws://127.0.0.1:8080/stomp/chat"

    private func run(_ arguments: String...) throws(FlagError) -> RunOptions {
        let invocation = try Invocation(["run", "--url", Self.url] + arguments)
        guard case .run(let options) = invocation else {
            throw .contradiction("another command was understood")
        }
        return options
    }

    private func refusal(_ arguments: [String]) -> String? {
        do throws(FlagError) {
            _ = try Invocation(arguments)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `a scenario is enough`() throws {
        let options = try run("--scenario", "chat")
        #expect(options.connectionCount == 100)
        #expect(options.roomCount == 10)
        #expect(options.durationUs == 30_000_000)
        #expect(options.credentials == .nothing)
        #expect(options.destinations == .topics)
        #expect(options.target.authority == "127.0.0.1:8080")
        #expect(options.target.path == Template("/stomp/chat"))
        #expect(options.wire == .stomp)
    }

    @Test func `flags take their value from the next argument or after an equals sign`() throws {
        let options = try run(
            "--scenario=fanout", "--connections", "50", "--rate=7", "--duration", "500ms",
            "--warmup=2m", "--receipts")
        #expect(options.connectionCount == 50)
        #expect(options.roomCount == 1)
        #expect(options.ratePerSecond == 7)
        #expect(options.durationUs == 500_000)
        #expect(options.warmupUs == 120_000_000)
        #expect(options.wantsReceipts)
    }

    @Test func `chat rooms bring their destinations and accounts along`() throws {
        let options = try run("--scenario", "chat", "--chat")
        #expect(options.destinations.of(room: "42").send == "/pub/chat/message/42")
        #expect(options.destinations.of(room: "42").subscribe == "/sub/chat/42")
        #expect(options.credentials == .accounts(4))
    }

    @Test func `destinations are patterns with the room in them`() throws {
        let options = try run(
            "--scenario", "chat", "--destination-send", "/exchange/x/{room}",
            "--destination-subscribe", "/queue/{room}")
        #expect(options.destinations.of(room: "3").send == "/exchange/x/3")
        #expect(options.destinations.of(room: "3").subscribe == "/queue/3")
    }

    @Test func `a login or a token signs in`() throws {
        #expect(
            try run("--scenario", "chat", "--login", "guest", "--passcode", "secret").credentials
                == .login("guest", passcode: "secret"))
        #expect(
            try run("--scenario", "chat", "--token", "abc").credentials == .tokens(["abc"]))
    }

    @Test(
        arguments: [
            ([], "a command, run or publish, is missing"),
            (["walk"], "'walk' is no flag"),
            (["--fast"], "unknown flag --fast"),
            (["run"], "--url is missing"),
            (["run", "--url", url], "--scenario is missing"),
            (["run", "--url", url, "--scenario"], "--scenario needs a value"),
            (
                ["run", "--url", url, "--scenario", "dance"],
                "--scenario: 'dance' must be fanout, chat, idle or sink"
            ),
            (["run", "--speed", "1"], "unknown flag --speed"),
            (["run", "--receipts=yes"], "--receipts takes no value"),
            (["run", "extra"], "'extra' is no flag"),
            (
                ["run", "--url", "ftp://localhost/", "--scenario", "chat"],
                "--url: 'ftp://localhost/' must begin with ws:// or http:// or nats:// or mqtt://"
            ),
            (
                ["run", "--url", "ws://example.org/", "--scenario", "chat"],
                "--url: 'ws://example.org/' must name a numeric address or localhost"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--rate", "-1"],
                "--rate: '-1' must be a whole number from 1 to 1000000"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--duration", "10"],
                "--duration: '10' must be a time such as 30s, 500ms or 2m"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--connections", "10", "--rooms", "3"],
                "--connections must be a multiple of --rooms"
            ),
            (
                ["run", "--url", url, "--scenario", "fanout", "--rooms", "2"],
                "fanout has one room; the scenario with many is chat"
            ),
            (["run", "--url", url, "--scenario", "idle"], "--pid is missing"),
            (
                ["run", "--url", url, "--scenario", "sink", "--rate", "5"],
                "--rate means nothing to the scenario sink"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--login", "me"],
                "--login and --passcode belong together"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--token", "a", "--accounts", "2"],
                "--accounts brings credentials of its own"
            ),
            (["publish", "--url", url], "--chat-room is missing"),
            (["publish", "--url", url, "--chat-room", "1"], "--journal is missing"),
            (["publish", "--url", url, "--rooms", "2"], "unknown flag --rooms"),
        ] as [([String], String)])
    func `refuses what it can't carry out, in one line`(arguments: [String], message: String) {
        #expect(refusal(arguments) == message)
    }

    @Test(arguments: [["--help"], ["run", "--help"], ["publish", "--rubbish", "-h"]])
    func `helps wherever it is asked to`(arguments: [String]) throws {
        guard case .help(let text) = try Invocation(arguments) else {
            Issue.record("no help was given")
            return
        }
        #expect(text.contains("usage: loadtest"))
    }

    @Test func `publishing takes several rooms`() throws {
        let invocation = try Invocation([
            "publish", "--url", "ws://[::1]:90", "--chat-room", "1,2", "--journal", "j",
        ])
        guard case .publish(let options) = invocation else {
            Issue.record("another command was understood")
            return
        }
        #expect(options.rooms == ["1", "2"])
        #expect(options.durationUs == nil)
        #expect(options.target.address.description == "[::1]:90")
        #expect(options.target.path == Template("/"))
    }
}
