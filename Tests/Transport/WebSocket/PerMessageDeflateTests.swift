import Testing

@testable import Transport

struct PerMessageDeflateTests {
    private static let answer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(arguments: [
        ("permessage-deflate", "", 15),
        ("permessage-deflate; client_max_window_bits", "", 15),
        ("permessage-deflate;client_max_window_bits=8", "", 15),
        ("permessage-deflate; server_no_context_takeover", "", 15),
        (answer, "", 15),
        ("permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=15", 15),
        ("permessage-deflate ; server_max_window_bits = 8", "; server_max_window_bits=8", 8),
        (
            "permessage-deflate;\tserver_max_window_bits=\"10\"", "; server_max_window_bits=10",
            10
        ),
    ])
    func `accepts an offer, and always promises and asks to drop the context`(
        offer: String, parameters: String, serverWindowBits: Int
    ) throws {
        let agreed = try #require(PerMessageDeflate.negotiate([offer]))
        #expect(agreed.answer == Self.answer + parameters)
        #expect(agreed.parameters.serverWindowBits == serverWindowBits)
    }

    private static let invalid = [
        "", ";", "permessage-bzip2", "x-webkit-deflate-frame", "permessage-deflate;",
        "permessage-deflate; ", "permessage-deflate; unknown", "permessage-deflate; =8",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits=+8",
        "permessage-deflate; server_max_window_bits=\"9",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=9 9",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=99999999999999999999",
        "permessage deflate",
    ]

    @Test(arguments: invalid)
    func `declines an offer of something else, or with a parameter that is wrong or doubled`(
        offer: String
    ) {
        #expect(PerMessageDeflate.negotiate([offer]) == nil)
    }

    @Test func `takes the first offer that it can`() throws {
        let agreed = try #require(
            PerMessageDeflate.negotiate([
                "permessage-bzip2", "permessage-deflate; server_max_window_bits=7",
                "permessage-deflate; server_max_window_bits=9", "permessage-deflate",
            ]))
        #expect(agreed.parameters.serverWindowBits == 9)
        #expect(PerMessageDeflate.negotiate([]) == nil)
    }

    @Test func `a client takes an answer only where the server drops its context`() {
        #expect(PerMessageDeflate(answer: Self.answer)?.serverWindowBits == 15)
        #expect(
            PerMessageDeflate(answer: "permessage-deflate; server_no_context_takeover")
                == PerMessageDeflate())
        #expect(
            PerMessageDeflate(answer: Self.answer + "; server_max_window_bits=12")
                == PerMessageDeflate(serverWindowBits: 12))
        #expect(PerMessageDeflate(answer: "permessage-deflate") == nil)
        #expect(PerMessageDeflate(answer: Self.answer + "; client_max_window_bits") == nil)
        #expect(PerMessageDeflate(answer: Self.answer + "; client_max_window_bits=9") == nil)
        for answer in Self.invalid { #expect(PerMessageDeflate(answer: answer) == nil) }
    }
}
