import Engine
import Testing

@testable import Transport

/// Publications as Redis keeps and announces them.
struct RedisEntryTests {
    private let draft = Draft(
        sender: UserID(-42), senderName: "Zoë \u{0} 🐈", contentType: "text/plain",
        body: [0, 10, 255, 32], timestampMs: .min)

    @Test
    func `reads back what was written`() throws {
        let publication = try #require(
            RedisEntry.decode(RedisEntry.encode(draft)[...], offset: 7))
        #expect(publication.offset == 7)
        #expect(publication.sender == draft.sender)
        #expect(publication.senderName == draft.senderName)
        #expect(publication.contentType == draft.contentType)
        #expect(publication.body == draft.body)
        #expect(publication.timestampMs == .min)
    }

    @Test
    func `writes a line of numbers, then texts and the body`() {
        let draft = Draft(
            sender: .server, senderName: "é", contentType: "", body: Array("hi".utf8),
            timestampMs: 120)
        #expect(String(decoding: RedisEntry.encode(draft), as: UTF8.self) == "0 120 2 0\néhi")
    }

    @Test
    func `refuses an entry that was cut off before its body`() throws {
        let bytes = RedisEntry.encode(draft)
        for end in 0..<(bytes.count - draft.body.count) {
            #expect(RedisEntry.decode(bytes[..<end], offset: 1) == nil)
        }
    }

    @Test(arguments: [
        "", "\n", "1", "1 2 3 4", "1 2 -1 0\n", "1 2 0 -1\n", "1 2 1 0\n", " 1 2 0 0\n",
        "1  2 0 0\n", "1 2 0 0 \n", "- 2 0 0\n", "1 2 9223372036854775807 1\nab",
        "9223372036854775808 2 0 0\n", "-9223372036854775809 2 0 0\n",
        "99999999999999999999999 2 0 0\n", "+1 2 0 0\n", "0x1 2 0 0\n",
    ])
    func `refuses what is no entry`(_ text: String) {
        #expect(RedisEntry.decode(Array(text.utf8)[...], offset: 1) == nil)
    }

    @Test
    func `refuses a name that is no text`() {
        #expect(RedisEntry.decode((Array("1 2 1 0\n".utf8) + [0xff])[...], offset: 1) == nil)
    }

    @Test
    func `survives whatever bytes somebody else may publish`() {
        var random = SystemRandomNumberGenerator()
        let valid = Array("abc:7:".utf8) + RedisEntry.encode(draft)
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            // Nothing but that it returns.
            _ = RedisAnnouncement(bytes)?.publication
        }
    }

    @Test
    func `tells an announcement's position before it reads the entry`() throws {
        let bytes = Array("fedcba9876543210:123:".utf8) + RedisEntry.encode(draft)
        let announcement = try #require(RedisAnnouncement(bytes))
        #expect(announcement.position == Position("fedcba9876543210:123"))
        #expect(announcement.publication?.body == draft.body)
    }

    @Test(arguments: [
        "", ":", "a", "a:", "a:1", ":1:", "a::", "g:1:", "A:1:", "a:-1:", "a:x:",
        "10000000000000000:1:", "a:99999999999999999999:",
    ])
    func `refuses what is no announcement`(_ text: String) {
        #expect(RedisAnnouncement(Array(text.utf8)) == nil)
    }

    @Test
    func `reads the answer to an append`() {
        let position = Position(epoch: Epoch(rawValue: 0xab), offset: 12)
        #expect(
            Appended(Array("ab:12".utf8)) == Appended(position: position, isDuplicate: false))
        #expect(
            Appended(Array("=ab:12".utf8)) == Appended(position: position, isDuplicate: true))
        for text in ["", "=", "ab", "ab:", "ab:1 ", "ab:12:"] {
            #expect(Appended(Array(text.utf8)) == nil)
        }
    }

    @Test
    func `gives no two things the same key`() {
        let keys = RedisStreamKeys(prefix: "p:")
        let names = ["a", "a}:1:b", "a}", "{a", "1", ""].map(StreamName.init)
        var made: Set<[UInt8]> = [keys.life]
        for name in names {
            #expect(made.insert(keys.log(of: name)).inserted)
            #expect(made.insert(keys.passing(name)).inserted)
            for sender in [1, 11] as [Int64] {
                for key in ["", "b", "b}:1:b", "1:b", ":1:b"] {
                    let known = keys.known(key, from: UserID(sender), in: name)
                    #expect(made.insert(known).inserted)
                }
            }
        }
    }
}
