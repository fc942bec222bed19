import Testing

@testable import App

struct SettingsFileTests {
    @Test func `takes texts, numbers, switches and lists`() throws {
        let file = try SettingsFile(
            path: "pets.json",
            bytes: Array(
                """
                {"host": "::1", "port": 80, "open-topics": true,
                 "trusted-proxy": ["::1", "10.0.0.0/8"], "topic": "a=history:1"}
                """.utf8))
        #expect(
            file.texts == [
                "host": ["::1"], "port": ["80"], "open-topics": ["true"],
                "trusted-proxy": ["::1", "10.0.0.0/8"], "topic": ["a=history:1"],
            ])
    }

    @Test func `refuses an unknown key with the closest known one`() {
        #expect(
            refusal(of: #"{"prot": 80}"#)
                == .unknownKey("prot", path: "pets.json", closest: "port"))
    }

    @Test(arguments: ["", "{", "[]", "80", "null", "{\"port\": 80,, }", "\u{0}", "{port: 80}"])
    func `refuses what is not a JSON object`(text: String) {
        #expect(
            refusal(of: text)
                == .unreadableFile(
                    path: "pets.json", reason: "is not a JSON object of settings"))
    }

    @Test(arguments: ["null", "1.5", "{}", "[[\"::1\"]]", "[null]"])
    func `names the key whose value is of no use`(value: String) {
        guard
            case .unusable(let source, nil, _) = refusal(of: #"{"trusted-proxy": \#(value)}"#)
        else {
            Issue.record("\(value) was taken")
            return
        }
        #expect(source == "pets.json: trusted-proxy")
    }

    @Test func `refuses several values where there is room for one`() {
        #expect(
            refusal(of: #"{"port": [80, 81]}"#)
                == .unusable(
                    source: "pets.json: port", text: nil, reason: "must not be a list"))
    }

    @Test func `says that a file is missing`() {
        #expect(throws: UnreadableFile(reason: "there is no such file")) {
            try SettingsFile.read("/nonexistent/pets.json")
        }
    }

    private func refusal(of text: String) -> UsageError? {
        do {
            _ = try SettingsFile(path: "pets.json", bytes: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }
}
