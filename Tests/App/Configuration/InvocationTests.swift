import Engine
import Testing

@testable import App

struct InvocationTests {
    @Test func `without arguments there is nothing to do, and help says what there could be`() {
        #expect(refusal(of: []) == .noCommand)
        #expect(UsageError.noCommand.report == HelpText.program)
    }

    @Test func `serves with the defaults`() throws {
        #expect(try parse(["serve"]) == .serve(Configuration()))
    }

    @Test(arguments: [["--port", "81"], ["--port=81"], ["--port", "80", "--port", "81"]])
    func `takes a flag's value with a space or an equals sign, and the last one given`(
        flags: [String]
    ) throws {
        #expect(try served(flags).port == 81)
    }

    @Test func `a flag beats the environment, which beats the file, which beats the default`()
        throws
    {
        let file = #"{"port": 1, "loops": 1, "drain": "1s"}"#
        let environment = [
            "PETNEXUS_PORT": "2", "PETNEXUS_LOOPS": "2", "PETNEXUS_CONFIG": "pets.json",
        ]
        let configuration = try served(["--port", "3"], environment: environment, file: file)
        #expect(configuration.port == 3)
        #expect(configuration.loops == 2)
        #expect(configuration.drain == .seconds(1))
        #expect(configuration.data == Configuration().data)
    }

    @Test func `a list replaces the list of a weaker source`() throws {
        let configuration = try served(
            ["--trusted-proxy", "::1", "--trusted-proxy=::2 ::3"],
            environment: ["PETNEXUS_TRUSTED_PROXY": "10.0.0.0/8"])
        #expect(configuration.trustedProxies.map(\.description) == ["::1", "::2", "::3"])
    }

    @Test func `a switch needs no value and takes none from the next argument`() throws {
        #expect(try served(["--open-topics", "--port", "0"]).openTopics)
        let environment = ["PETNEXUS_OPEN_TOPICS": "true"]
        #expect(try !served(["--open-topics=false"], environment: environment).openTopics)
    }

    @Test func `a variable that is empty or unknown counts as not set`() throws {
        let environment = ["PETNEXUS_PORT": "", "PETNEXUS_SERVICE_HOST": "10.0.0.7"]
        #expect(try served([], environment: environment) == Configuration())
    }

    @Test func `every command takes its operands`() throws {
        let none = Configuration()
        #expect(try parse(["user", "add", "ann"]) == .addUser(name: "ann", none))
        #expect(
            try parse(["user", "role", "ann", "ADMIN"])
                == .setRole(name: "ann", .admin, none))
        #expect(try parse(["user", "disable", "ann"]) == .disableUser(name: "ann", none))
        #expect(try parse(["user", "enable", "ann"]) == .enableUser(name: "ann", none))
        #expect(try parse(["token", "mint", "ann"]) == .mintToken(name: "ann", none))
        #expect(try parse(["token", "show", "e30.e30.x"]) == .showToken("e30.e30.x", none))
        #expect(try parse(["backup", "--", "-b.db"]) == .backup(file: "-b.db", none))
        #expect(try parse(["--version"]) == .version)
    }

    @Test func `a command may share a file whose other settings it has no flags for`() throws {
        var expected = Configuration()
        expected.port = 81
        #expect(
            try parse(["backup", "a.db", "--config", "pets.json"], file: #"{"port": 81}"#)
                == .backup(file: "a.db", expected))
    }

    @Test(
        arguments: [
            (["srve"], .unknownCommand("srve", closest: "serve")),
            (["dance"], .unknownCommand("dance", closest: nil)),
            (
                ["user"],
                .incompleteCommand(
                    "user", choices: ["user add", "user role", "user disable", "user enable"])
            ),
            (["user", "ad"], .unknownCommand("user ad", closest: "user add")),
            (["--port", "80"], .flagBeforeCommand("--port")),
            (["--versoin"], .unknownFlag("--versoin", closest: "--version")),
            (["serve", "--prot", "80"], .unknownFlag("--prot", closest: "--port")),
            (["serve", "--origin=x"], .unknownFlag("--origin", closest: "--allowed-origin")),
            (["serve", "-p", "80"], .unknownFlag("-p", closest: nil)),
            (
                ["serve", "--entirely-unheard-of"],
                .unknownFlag("--entirely-unheard-of", closest: nil)
            ),
            (["backup", "a.db", "--port", "80"], .foreignFlag("--port", command: "backup")),
            (["serve", "--port"], .missingValue(flag: "--port")),
            (["serve", "--host", "--port"], .missingValue(flag: "--host")),
            (["user", "role", "ann"], .missingOperand("ROLE", command: "user role")),
            (["serve", "80"], .surplusOperand("80", command: "serve")),
            (
                ["user", "role", "ann", "KING"],
                .unusable(source: "ROLE", text: "KING", reason: "must be USER or ADMIN")
            ),
            (
                ["serve", "--stomp-port", "8080"],
                .contradiction("port and stomp-port must differ")
            ),
            (
                ["serve", "--redis", "redis://a", "--redis", "redis://mia:hush@a:6379/0"],
                .contradiction("redis names the same server twice: redis://a:6379")
            ),
        ] as [([String], UsageError)])
    func `refuses a command line it can't carry out`(arguments: [String], error: UsageError) {
        #expect(refusal(of: arguments) == error)
    }

    @Test func `a refusal names the source of the value`() {
        let reason = "must be a whole number from 0 to 65535"
        #expect(
            refusal(of: ["serve", "--port", "http"])
                == .unusable(source: "--port", text: "http", reason: reason))
        #expect(
            refusal(of: ["serve"], environment: ["PETNEXUS_PORT": "http"])
                == .unusable(source: "PETNEXUS_PORT", text: "http", reason: reason))
        #expect(
            refusal(of: ["serve", "--config", "pets.json"], file: #"{"port": "http"}"#)
                == .unusable(source: "pets.json: port", text: "http", reason: reason))
    }

    @Test func `refuses a settings file that can't be read`() {
        #expect(
            refusal(of: ["serve", "--config", "pets.json"])
                == .unreadableFile(path: "pets.json", reason: "there is no such file"))
    }

    @Test func `a refusal is one line, whatever was typed`() throws {
        let error = try #require(refusal(of: ["serve", "--port", "8\n0\u{1b}[31m"]))
        #expect(
            error.report
                == "petnexus: --port: '8?0?[31m' must be a whole number from 0 to 65535\n")
    }

    @Test func `a refused secret is not repeated`() throws {
        let error = try #require(refusal(of: ["serve", "--jwt-secret", "hunter2"]))
        #expect(error.report == "petnexus: --jwt-secret: the value must be 32 bytes or longer\n")
    }

    @Test func `a password in a refused address of Redis is not repeated`() throws {
        let error = try #require(refusal(of: ["serve", "--redis", "redis://mia:hush@a:x"]))
        #expect(
            error.report
                == "petnexus: --redis: the value is no URL of Redis: "
                + "expected a port from 1 to 65535 after the host\n")
    }

    @Test(arguments: ["--help", "-h"])
    func `every command has help that names its flags`(flag: String) throws {
        for command in Command.allCases {
            let words = command.name.split(separator: " ").map(String.init)
            guard case .help(let text) = try parse(words + [flag]) else {
                Issue.record("\(command.name) has no help")
                continue
            }
            let isNamed = Setting.all.map { text.contains("  \($0.flag)") }
            #expect(isNamed == Setting.all.map(command.takes))
        }
    }

    @Test func `help fits a terminal of a hundred columns`() {
        let texts = [HelpText.program] + Command.allCases.map(HelpText.command)
        let lines = texts.flatMap { $0.split(separator: "\n") }
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test func `check-config shows every setting, its source, and no secret`() throws {
        let secret = "correct horse battery staple, twice"
        let invocation = try parse(
            ["check-config", "--port", "81"], environment: ["PETNEXUS_JWT_SECRET": secret])
        guard case .checkConfig(let report) = invocation else {
            Issue.record("not a report: \(invocation)")
            return
        }
        let rows = report.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.map { String($0[0]) } == Setting.all.map(\.name))
        #expect(rows.contains(["port", "81", "flag"]))
        #expect(rows.contains(["jwt-secret", "(hidden)", "environment"]))
        #expect(rows.contains(["drain", "30s", "default"]))
        #expect(!report.contains("horse"))
    }

    private func parse(
        _ arguments: [String], environment: [String: String] = [:], file: String? = nil
    ) throws(UsageError) -> Invocation {
        try Invocation.parse(arguments, environment: environment) {
            (path) throws(UnreadableFile) in
            guard let file, path == "pets.json" else {
                throw UnreadableFile(reason: "there is no such file")
            }
            return Array(file.utf8)
        }
    }

    private func served(
        _ flags: [String], environment: [String: String] = [:], file: String? = nil
    ) throws -> Configuration {
        let invocation = try parse(["serve"] + flags, environment: environment, file: file)
        guard case .serve(let configuration) = invocation else {
            preconditionFailure("serve was understood as \(invocation)")
        }
        return configuration
    }

    private func refusal(
        of arguments: [String], environment: [String: String] = [:], file: String? = nil
    ) -> UsageError? {
        do {
            _ = try parse(arguments, environment: environment, file: file)
            return nil
        } catch {
            return error
        }
    }
}
