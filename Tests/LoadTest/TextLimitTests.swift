import Measure
import Testing

@testable import LoadTest

struct TextLimitTests {
    private static let longest = String(repeating: "x", count: 65_535)

    /// What a run is told that has this flag, against a server at this URL; nil: it goes on.
    private func refusal(_ flags: String..., url: String = "mqtt://127.0.0.1") -> String? {
        do throws(FlagError) {
            _ = try Invocation(["run", "--url", url, "--scenario", "chat"] + flags)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: ["--token", "--destination-send", "--destination-subscribe"])
    func `what mqtt has no place for is refused, in one line`(flag: String) {
        let name = flag == "--token" ? "the token" : flag
        #expect(refusal(flag, Self.longest) == nil)
        #expect(
            refusal(flag, Self.longest + "x")
                == "\(name) has 65536 bytes, and mqtt has a place for 65535")
    }

    @Test func `names and passwords are held against it, too`() {
        let long = Self.longest + "x"
        #expect(refusal("--login", long, "--passcode", "p")?.hasPrefix("--login has") == true)
        #expect(refusal("--login", "l", "--passcode", long)?.hasPrefix("--passcode has") == true)
    }

    @Test func `a destination counts with its longest room's number`() {
        let text = String(repeating: "x", count: 65_534) + "{room}"
        #expect(refusal("--destination-send", text) == nil)
        #expect(refusal("--destination-send", text, "--rooms", "20") != nil)
    }

    @Test func `other protocols take texts of any length`() {
        #expect(refusal("--token", Self.longest + "x", url: "ws://127.0.0.1") == nil)
    }
}
