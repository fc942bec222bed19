import Testing

@testable import Transport

struct STOMPMessageTemplateTests {
    private static func message(
        _ version: STOMPVersion, id: String = "s:0", isAcknowledged: Bool
    ) -> String {
        let template = STOMPMessageTemplate(
            subscription: id, destination: "/sub/chat/1", epoch: 0xfeed,
            isAcknowledged: isAcknowledged, version: version)
        var bytes: [UInt8] = []
        template.write(
            offset: 42, timestampMs: 1, sender: 7, contentType: "a/b", body: [104, 105],
            into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let rest = "timestamp:1\nsender:7\ncontent-type:a/b\ncontent-length:2\n\nhi\0"

    @Test func `tells 1_2 what to acknowledge by subscription and position`() {
        #expect(
            Self.message(.v12, isAcknowledged: true)
                == "MESSAGE\nsubscription:s\\c0\ndestination:/sub/chat/1\nmessage-id:feed\\c42\n"
                + "position:feed\\c42\nack:s\\c0\\cfeed\\c42\n" + Self.rest)
    }

    @Test func `tells nobody else`() {
        #expect(!Self.message(.v12, isAcknowledged: false).contains("ack:"))
        #expect(
            Self.message(.v11, isAcknowledged: true)
                == "MESSAGE\nsubscription:s\\c0\ndestination:/sub/chat/1\nmessage-id:feed\\c42\n"
                + "position:feed\\c42\n" + Self.rest)
        #expect(
            Self.message(.v10, isAcknowledged: true)
                == "MESSAGE\nsubscription:s:0\ndestination:/sub/chat/1\nmessage-id:feed:42\n"
                + "position:feed:42\n" + Self.rest)
    }

    @Test(arguments: [String(repeating: "\n", count: 4_000), "", "\\"])
    func `makes room for any id`(id: String) {
        let escaped = id.replacing("\\", with: #"\\"#).replacing("\n", with: #"\n"#)
        #expect(
            Self.message(.v12, id: id, isAcknowledged: true)
                .contains("\nack:\(escaped)\\cfeed\\c42\n"))
    }
}
