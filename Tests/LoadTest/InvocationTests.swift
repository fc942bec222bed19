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
        #expect(options.templates == .topics)
        #expect(options.pace == .open(ratePerSecond: 10))
        #expect(options.publishing == nil)
        #expect(options.sources == .automatic)
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
        #expect(options.pace == .open(ratePerSecond: 7))
        #expect(options.durationUs == 500_000)
        #expect(options.warmupUs == 120_000_000)
        #expect(options.wantsReceipts)
    }

    @Test func `chat rooms bring their destinations and accounts along`() throws {
        let options = try run("--scenario", "chat", "--chat")
        let room = options.templates.room("42")
        #expect(room.send == "/pub/chat/message/42")
        #expect(room.message([], receipt: nil).body.span.text == #"{"message":""}"#)
        #expect(options.templates.subscribe.text(room: "42", client: 0) == "/sub/chat/42")
        #expect(options.credentials == .accounts(4))
    }

    @Test func `destinations are patterns with the room in them`() throws {
        let options = try run(
            "--scenario", "chat", "--destination-send", "/exchange/x/{room}",
            "--destination-subscribe", "/queue/{room}")
        #expect(options.templates.room("3").send == "/exchange/x/3")
        #expect(options.templates.subscribe.text(room: "3", client: 0) == "/queue/3")
    }

    @Test func `the largest rate is a window`() throws {
        #expect(try run("--scenario", "chat", "--rate", "max").pace == .closed(window: 64))
        #expect(
            try run("--scenario", "chat", "--rate=max", "--window=5").pace == .closed(window: 5))
    }

    @Test func `a soak is in chat rooms, as many as it likes, and can be repeated`() throws {
        let options = try run(
            "--scenario", "soak", "--connections", "25", "--rooms", "4", "--seed", "9", "--stay",
            "3s")
        #expect(options.usesChatRooms)
        #expect(options.credentials == .accounts(4))
        #expect(options.pace == .open(ratePerSecond: 100))
        #expect(options.seed == 9)
        #expect(options.stayUs == 3_000_000)
        #expect(options.journalPath == nil)
    }

    @Test func `pairs are two to a room`() throws {
        #expect(try run("--scenario", "pairs", "--connections", "10").roomCount == 5)
    }

    @Test func `a storm has publishers of its own, and receipts`() throws {
        let options = try run("--scenario", "storm", "--connections", "20", "--missed", "3")
        #expect(options.missedCount == 3)
        #expect(options.wantsReceipts)
        #expect(options.publishing?.connectionCount == 2)
        #expect(options.clientCount == 22)
    }

    @Test func `streams are published to from elsewhere`() throws {
        let invocation = try Invocation([
            "run", "--url", "http://127.0.0.1/sub/{room}", "--scenario", "sse", "--publish-url",
            "http://127.0.0.1/pub/{room}",
        ])
        guard case .run(let options) = invocation else {
            Issue.record("another command was understood")
            return
        }
        #expect(options.wire == .sse)
        #expect(options.publishing?.wire == .post)
        #expect(options.templates.room("9").send == "/pub/9")
    }

    @Test func `headers and process ids may be repeated`() throws {
        let options = try run(
            "--scenario", "chat", "--header", "host:/", "--header", "x:  y:z", "--http-header",
            "Origin: a", "--pid", "1,2", "--pid=3")
        #expect(
            options.connectHeaders == [
                DialogueTask.Header(name: "host", value: "/"),
                DialogueTask.Header(name: "x", value: "y:z"),
            ])
        #expect(options.httpHeaders == [DialogueTask.Header(name: "Origin", value: "a")])
        #expect(options.serverPIDs == [1, 2, 3])
    }

    @Test func `sources are a number, a list, or as many as there must be`() throws {
        let target = try #require(SocketAddress(host: "127.0.0.1", port: 80))
        let elsewhere = try #require(SocketAddress(host: "10.0.0.1", port: 80))
        func hosts(_ text: String?, _ connections: Int, to target: SocketAddress) throws -> [String]
        {
            let flags = text.map { ["--sources", $0] } ?? []
            let invocation = try Invocation(
                ["run", "--url", Self.url, "--scenario", "chat"] + flags)
            guard case .run(let options) = invocation else { return [] }
            return options.sources.addresses(connections: connections, to: target).map(\.host)
        }
        #expect(try hosts("2", 10, to: target) == ["127.0.0.1", "127.0.0.2"])
        #expect(try hosts("10.0.0.3,10.0.0.4", 10, to: target) == ["10.0.0.3", "10.0.0.4"])
        #expect(try hosts(nil, 25_000, to: target).isEmpty)
        #expect(try hosts(nil, 60_000, to: target).count == 3)
        #expect(try hosts(nil, 60_000, to: elsewhere).isEmpty)
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
            (["walk"], "'walk' is no command; the commands are run and publish"),
            (["--fast"], "unknown flag --fast"),
            (["run"], "--url is missing"),
            (["run", "--url", url], "--scenario is missing"),
            (["run", "--url", url, "--scenario"], "--scenario needs a value"),
            (
                ["run", "--url", url, "--scenario", "dance"],
                "--scenario: 'dance' must be fanout, chat, pairs, storm, soak, idle, sse or sink"
            ),
            (["run", "--velocity", "1"], "unknown flag --velocity"),
            (
                ["run", "--url", url, "--scenario", "soak", "--rooms", "1"],
                "a soak has two connections and two rooms at least"
            ),
            (
                ["run", "--url", url, "--scenario", "soak", "--rate", "max"],
                "soak publishes at a --rate, which can't be max"
            ),
            (
                ["run", "--url", url, "--scenario", "soak", "--stay", "0s"],
                "--stay must be above zero"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--seed", "1"],
                "--seed means nothing to the scenario chat"
            ),
            (
                ["run", "--conections", "1"],
                "unknown flag --conections; did you mean --connections?"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--window", "3"],
                "--window belongs to --rate max"
            ),
            (
                ["run", "--url", url, "--scenario", "storm", "--rate", "max"],
                "storm publishes at a --rate, which can't be max"
            ),
            (
                ["run", "--url", url, "--scenario", "pairs", "--connections", "9"],
                "pairs are two to a room: --connections must be twice --rooms"
            ),
            (
                ["run", "--url", "http://localhost/", "--scenario", "sse"],
                "--publish-url, without which nobody can publish, is missing"
            ),
            (
                [
                    "run", "--url", url, "--scenario", "chat", "--protocol", "websocket",
                    "--receipts",
                ],
                "websocket has no receipts"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--protocol", "sse"],
                "--protocol: 'sse' must be stomp or websocket for ws://"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--header", "nothing"],
                "--header: 'nothing' must be 'NAME: VALUE'"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--body", "x"],
                "--body: 'x' must have a place for {text}"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--chat", "--body", "{text}"],
                "--chat has destinations and bodies of its own, no --body"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--sources", "300"],
                "--sources: '300' must be from 1 to 250"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--sources", "here"],
                "--sources: 'here' must be addresses of this machine, or a number"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--pid", "1,x"],
                "--pid: 'x' must be a process id"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--json", "/nowhere/results.json"],
                "--json: '/nowhere/results.json' can't be written"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--plot", "/"],
                "--plot: '/' can't be written"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--pid", ""],
                "--pid: '' must be a process id"
            ),
            (
                ["run", "--url", url, "--scenario", "chat", "--publishers", "2"],
                "--publishers belongs to --publish-url"
            ),
            (["run", "--receipts=yes"], "--receipts takes no value"),
            (["run", "extra"], "'extra' is no flag"),
            (["bogus"], "'bogus' is no command; the commands are run and publish"),
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
