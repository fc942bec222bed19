import Foundation
import Testing

@testable import LoadTest

struct CaptionTests {
    private let date = Date(timeIntervalSince1970: 1_000_000_000)

    @Test func `has the server, the date and the command`() {
        #expect(
            Caption.lines(
                server: "PetNexus", at: date, arguments: ["run", "--url", "ws://x", "--receipts"])
                == ["PetNexus · 2001-09-09 01:46:40 UTC", "loadtest run --url ws://x --receipts"])
        #expect(
            Caption.lines(server: nil, at: date, arguments: [])[0] == "2001-09-09 01:46:40 UTC")
    }

    @Test func `shows no secrets, however they are given`() {
        let arguments = [
            "run", "--token", "s3cret", "--passcode=s3cret", "--rate", "5", "--header", "s3cret",
            "--url", "ws://x/y?token=s3cret", "-s", "s3cret", "--chat",
        ]
        #expect(
            Caption.lines(server: nil, at: date, arguments: arguments)[1]
                == "loadtest run --rate 5 --url ws://x/y?… --chat")
    }

    @Test func `is no wider than the picture`() {
        let lines = Caption.lines(
            server: String(repeating: "s", count: 300), at: date,
            arguments: [String(repeating: "a", count: 300)])
        #expect(lines.map(\.count) == [150, 150])
        #expect(lines.allSatisfy { $0.hasSuffix("…") })
    }
}
