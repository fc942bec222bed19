import Testing
import Transport

struct STOMPHeadersTests {
    @Test(arguments: [
        (STOMPVersion.v10, #"a\nb\c\\\r\t"#, #"a\nb\c\\\r\t"#),
        (.v11, #"a\nb\cc\\d"#, "a\nb:c\\d"),
        (.v12, #"a\nb\cc\\d\re"#, "a\nb:c\\d\re"),
        (.v12, #"\\n"#, #"\n"#),
        (.v12, "a:b:c", "a:b:c"),
        (.v11, "a\rb\r", "a\rb\r"),
        (.v12, " padded ", " padded "),
        (.v11, " padded ", " padded "),
        (.v10, " padded ", "padded"),
        (.v10, "   ", ""),
        (.v12, "", ""),
    ])
    func `unescapes values by version`(version: STOMPVersion, raw: String, value: String) throws {
        let frame = try #require(try frames("SEND\nkey:\(raw)\n\n\0", version: version).first)
        #expect(frame.headers.value(of: "key") == value)
        #expect(frame.headers.bytes(of: "key") == Array(value.utf8))
        #expect(frame.headers.hasValue("key", equalTo: value))
        #expect(!frame.headers.hasValue("key", equalTo: value + "x"))
        #expect(!frame.headers.hasValue("key", equalTo: "?" + value.dropFirst()))
    }

    @Test(arguments: [
        (STOMPVersion.v11, #"\r"#), (.v11, #"\t"#), (.v11, #"\"#), (.v11, #"a\:b"#),
        (.v12, #"\t"#), (.v12, #"\N"#), (.v12, #"\"#), (.v12, #"\\\"#), (.v12, #"\0"#),
    ])
    func `refuses undefined escapes`(version: STOMPVersion, raw: String) {
        #expect(feed("SEND\nkey:\(raw)\n\n\0", version: version).error == .badEscape)
        #expect(feed("SEND\n\(raw)k:v\n\n\0", version: version).error == .badEscape)
    }

    @Test func `refuses an escape that the carriage return would complete`() {
        #expect(feed("SEND\nkey:\\\r\n\n\0", version: .v12).error == .badEscape)
    }

    @Test func `never unescapes connecting frames`() throws {
        for command in ["CONNECT", "STOMP", "CONNECTED"] {
            let text = "\(command)\naccept-version:1.2\npasscode:\\n\\c\\q\n\n\0"
            let frame = try #require(try frames(text, version: nil).first)
            #expect(frame.headers.value(of: "passcode") == #"\n\c\q"#)
        }
    }

    @Test func `trims what a client of 1.0 pads when connecting`() throws {
        let old = try #require(try frames("CONNECT\nlogin: me \n\n\0", version: nil).first)
        #expect(old.headers.value(of: "login") == "me")
        let text = "CONNECT\naccept-version:1.2\nlogin: me \n\n\0"
        let new = try #require(try frames(text, version: nil).first)
        #expect(new.headers.value(of: "login") == " me ")
    }

    @Test func `unescapes names`() throws {
        let frame = try #require(try frames("SEND\na\\cb:1\n\\\\n:2\n\n\0", version: .v12).first)
        #expect(frame.headers.value(of: "a:b") == "1")
        #expect(frame.headers.value(of: "a\\cb") == nil)
        #expect(frame.headers.value(of: "\\n") == "2")
        #expect(frame.headers.pairs.map(\.name) == ["a:b", "\\n"])
    }

    @Test(arguments: STOMPVersion.allCases)
    func `takes the first of repeated headers`(version: STOMPVersion) throws {
        let text = "SEND\nfoo:1\nfoo:2\ncontent-length:1\ncontent-length:9\n\nx\0"
        let frame = try #require(try frames(text, version: version).first)
        #expect(frame.headers.value(of: "foo") == "1")
        #expect(frame.body == Array("x".utf8))
        #expect(frame.headers.pairs.count == 4)
    }

    @Test func `finds a header by its whole name only`() throws {
        let text = "SEND\nid-x:1\nx-id:2\nid:3\nlonger-than-eight-bytes:4\n\n\0"
        let frame = try #require(try frames(text, version: .v12).first)
        #expect(frame.headers.value(of: "id") == "3")
        #expect(frame.headers.value(of: "longer-than-eight-bytes") == "4")
        #expect(frame.headers.value(of: "i") == nil)
        #expect(frame.headers.value(of: "") == nil)
        #expect(frame.headers.value(of: "ID") == nil)
        #expect(frame.headers.contains("x-id"))
        #expect(!frame.headers.contains("no-header-has-so-long-a-name-as-this-one-here"))
    }

    @Test func `keeps any Unicode text`() throws {
        let frame = try #require(try frames("SEND\nключ:値🐈\n\n\0", version: .v12).first)
        #expect(frame.headers.value(of: "ключ") == "値🐈")
    }

    @Test(arguments: [
        (STOMPVersion.v10, "message-id"), (.v11, "message-id"), (.v12, "id"),
    ])
    func `finds what an ACK acknowledges`(version: STOMPVersion, name: String) throws {
        for command in ["ACK", "NACK"] {
            let text = "\(command)\nsubscription:s\n\(name):m-1\n\n\0"
            #expect(try frames(text, version: version).first?.ackID == "m-1")
            #expect(try frames("\(command)\nother:1\n\n\0", version: version).first?.ackID == nil)
        }
    }
}
