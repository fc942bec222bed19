import Testing
import Transport

struct HeartBeatTests {
    @Test(arguments: [
        ("0,0", 0, 0), ("1000,2000", 1000, 2000), ("999999999,0", 999_999_999, 0),
        ("007,08", 7, 8),
    ])
    func `reads two numbers`(text: String, send: Int, expect: Int) {
        #expect(HeartBeat(text) == HeartBeat(sendMs: send, expectMs: expect))
    }

    @Test(arguments: [
        "", ",", "1", "1,", ",1", "1,2,3", "-1,0", "+1,0", "a,b", " 1,2", "1, 2", "1.5,2",
        "1000000000,0", "99999999999999999999,0",
    ])
    func `refuses anything else`(text: String) {
        #expect(HeartBeat(text) == nil)
    }

    @Test func `writes what it reads`() {
        #expect(HeartBeat(sendMs: 10, expectMs: 20).text == "10,20")
    }

    /// Server (sx, sy), client (cx, cy), what the server then sends and expects.
    @Test(
        arguments: [
            ("10000,10000", "0,0", nil, nil),
            ("10000,10000", "5000,20000", 20_000, 10_000),
            ("10000,10000", "20000,5000", 10_000, 20_000),
            ("0,0", "1000,1000", nil, nil),
            ("10000,0", "1,1", 10_000, nil),
            ("0,10000", "1,1", nil, 10_000),
            ("10000,10000", "0,1000", 10_000, nil),
            ("10000,10000", "1000,0", nil, 10_000),
        ] as [(String, String, Int?, Int?)])
    func `takes the longer interval where one can and the other wants`(
        server: String, client: String, sendMs: Int?, expectMs: Int?
    ) throws {
        let server = try #require(HeartBeat(server))
        let client = try #require(HeartBeat(client))
        let atServer = server.negotiated(with: client)
        #expect(atServer.send == sendMs.map { .milliseconds($0) })
        #expect(atServer.expect == expectMs.map { .milliseconds($0) })
        let atClient = client.negotiated(with: server)
        #expect(atClient.send == atServer.expect)
        #expect(atClient.expect == atServer.send)
    }

    @Test func `tolerates silence of twice the interval`() {
        let agreement = HeartBeat.Agreement(send: nil, expect: .seconds(10))
        #expect(agreement.silenceMax == .seconds(20))
        #expect(HeartBeat.Agreement(send: nil, expect: nil).silenceMax == nil)
    }
}
