import Testing
import Transport

struct STOMPEncoderTests {
    @Test(arguments: STOMPCommand.allCases, STOMPVersion.allCases)
    func `writes what the parser reads back`(command: STOMPCommand, version: STOMPVersion) throws {
        let headers = [
            (name: "destination", value: "/topic/a:b"), (name: "key", value: "値 🐈"),
            (name: "empty", value: ""),
        ]
        let body: [UInt8] = command.mayHaveBody ? [0, 1, 10, 0, 255] : []
        let text = STOMPFrame(command, headers, body: body)
        var bytes: [UInt8] = []
        STOMPEncoder.encode(text, version: version, into: &bytes)
        var parser = STOMPParser()
        parser.version = version
        parser.append(bytes.span)
        guard case .frame(let copy)? = try parser.next() else {
            Issue.record("no frame")
            return
        }
        #expect(copy.command == command)
        #expect(copy.body == body)
        let pairs = copy.headers.pairs.filter { $0.name != "content-length" }
        #expect(pairs.map(\.name) == headers.map(\.name))
        #expect(pairs.map(\.value) == headers.map(\.value))
    }

    @Test(arguments: [
        (STOMPVersion.v12, #"k\c\n\r\\:v\c\n\r\\"#),
        (.v11, "k\\c\\n\r\\\\:v\\c\\n\r\\\\"),
        (.v10, #"k   \:v:  \"#),
    ])
    func `escapes by version`(version: STOMPVersion, line: String) {
        let frame = STOMPFrame(.send, [("k:\n\r\\", "v:\n\r\\")])
        #expect(encoded(frame, version) == "SEND\n\(line)\n\n\0")
    }

    @Test func `never escapes connecting frames`() {
        for command in [STOMPCommand.connect, .stomp, .connected] {
            let frame = STOMPFrame(command, [("a", #"x:\n\"#)])
            #expect(encoded(frame, .v12) == "\(command.text)\na:x:\\n\\\n\n\0")
        }
    }

    @Test(arguments: STOMPVersion.allCases)
    func `lets no value forge a header or end the head`(version: STOMPVersion) throws {
        for command in [STOMPCommand.connected, .message] {
            let frame = STOMPFrame(command, [("user-name", "x\nadmin:true\n\n\0"), ("a\n:b", "c")])
            let copies = try frames(encoded(frame, version), version: version)
            #expect(copies.count == 1)
            #expect(copies.first?.headers.value(of: "admin") == nil)
            #expect(copies.first?.headers.value(of: "a") == nil)
            #expect(copies.first?.body == [])
        }
    }

    @Test func `writes the content-length of the body and of nothing else`() {
        let wrong = STOMPFrame(.send, [("content-length", "99"), ("a", "b")], body: [120])
        #expect(encoded(wrong, .v12) == "SEND\na:b\ncontent-length:1\n\nx\0")
        #expect(encoded(STOMPFrame(.send, [("content-length", "9")]), .v12) == "SEND\n\n\0")
        #expect(encoded(STOMPFrame(.message, []), .v12) == "MESSAGE\ncontent-length:0\n\n\0")
    }

    @Test func `passes the headers of a received frame on in another version`() throws {
        let received = try #require(try frames("SEND\na\\cb:c\\nd\n\n\0", version: .v12).first)
        #expect(encoded(received, .v11) == "SEND\na\\cb:c\\nd\n\n\0")
        #expect(encoded(received, .v10) == "SEND\na b:c d\n\n\0")
    }

    @Test func `writes a MESSAGE`() {
        var bytes = Array("before".utf8)
        STOMPEncoder.message(
            subscription: .bytes(Array("s:0".utf8)),
            messageID: .position(epoch: 0xfeed, offset: 42), destination: "/sub/chat/1",
            contentType: "text/plain", ack: "a-1", body: [104, 105], version: .v12, into: &bytes
        ) { headers in
            headers.add("timestamp", .number(1_700_000_000_123))
            headers.add("sender", .number(0))
            headers.add("low", .number(.min))
        }
        let expected = #"""
            beforeMESSAGE
            subscription:s\c0
            message-id:feed\c42
            destination:/sub/chat/1
            ack:a-1
            timestamp:1700000000123
            sender:0
            low:-9223372036854775808
            content-type:text/plain
            content-length:2

            hi
            """#
        #expect(String(decoding: bytes, as: UTF8.self) == expected + "\0")
    }

    @Test func `writes positions up to the largest`() throws {
        var bytes: [UInt8] = []
        STOMPEncoder.receipt(id: "1", version: .v10, into: &bytes) { headers in
            headers.add("position", .position(epoch: .max, offset: .max))
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "RECEIPT\nreceipt-id:1\nposition:ffffffffffffffff:18446744073709551615\n\n\0")
    }

    @Test func `leaves the ack header out before 1.2`() {
        var bytes: [UInt8] = []
        STOMPEncoder.message(
            subscription: nil, messageID: "m", destination: "/a", ack: "a-1", body: [],
            version: .v11, into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "MESSAGE\nmessage-id:m\ndestination:/a\ncontent-length:0\n\n\0")
    }

    @Test func `writes a CONNECTED`() {
        var bytes: [UInt8] = []
        STOMPEncoder.connected(
            version: .v12, session: "7", heartBeat: HeartBeat(sendMs: 10, expectMs: 20),
            server: "PetNexus/1", userName: "a:b\\", node: "n1", into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "CONNECTED\nversion:1.2\nheart-beat:10,20\nsession:7\nserver:PetNexus/1\n"
                + "user-name:a:b\\\nnode:n1\n\n\0")
    }

    @Test func `tells 1.0 of no heart-beats`() {
        var bytes: [UInt8] = []
        STOMPEncoder.connected(
            version: .v10, session: "7", heartBeat: HeartBeat(sendMs: 10, expectMs: 20),
            server: "x", into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "CONNECTED\nversion:1.0\nsession:7\nserver:x\n\n\0")
    }

    @Test func `writes an ERROR`() {
        var bytes: [UInt8] = []
        STOMPEncoder.error(
            code: "forbidden", receiptID: "r-1", detail: "No.", version: .v12, into: &bytes
        ) { headers in
            headers.add("reconnect-after-ms", .number(5))
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "ERROR\nmessage:forbidden\nreceipt-id:r-1\nreconnect-after-ms:5\n"
                + "content-type:text/plain\ncontent-length:3\n\nNo.\0")
    }
}
