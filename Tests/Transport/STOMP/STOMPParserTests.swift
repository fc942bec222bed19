import Testing
import Transport

struct STOMPParserTests {
    @Test(arguments: STOMPCommand.allCases, STOMPVersion.allCases)
    func `reads every command in every version`(command: STOMPCommand, version: STOMPVersion) {
        let body = command.mayHaveBody ? "body" : ""
        let transcript = feed("\(command.text)\nkey:value\n\n\(body)\0", version: version)
        #expect(transcript.events == ["\(command.text) key=value|\(body)"])
        #expect(transcript.error == nil)
    }

    @Test(arguments: [
        "send\n\n\0", "SEN\n\n\0", "SENDS\n\n\0", "GET / HTTP/1.1\r\n", " SEND\n", "SEND \n",
        "ACX\n", "NAXX\n", "ERROX\n", "BEGAN\n", "COMMID\n", "MESSAGF\n", "SUBSCRIBB\n",
        "DISCONNECS\n", "UNSUBSCRIBR\n", "UNSUBSCRIBES\n", "\u{FEFF}SEND\n", "ABCDEFGHIJKLM",
    ])
    func `refuses other words`(text: String) {
        #expect(feed(text).error == .unknownCommand)
    }

    @Test func `reads CR LF as a line end in 1.2 and while connecting`() {
        let transcript = feed(
            "CONNECT\r\naccept-version:1.2\r\n\r\n\0\r\nSEND\r\nk:v\r\n\r\n\r\n\0\n")
        #expect(
            transcript.events == ["CONNECT accept-version=1.2|", ".", "SEND k=v|\r\n", "."])
        #expect(transcript.error == nil)
    }

    @Test func `takes a carriage return for text in 1.1`() {
        #expect(feed("SEND\nk:v\r\n\n\0", version: .v11).events == ["SEND k=v\r|"])
        #expect(feed("SEND\r\n\n\0", version: .v11).error == .unknownCommand)
        #expect(feed("SEND\n\r\n\0", version: .v11).error == .headerWithoutColon)
    }

    @Test(arguments: ["SEND\nk:a\rb\n\n\0", "SEND\nk\r:b\n\n\0", "SEND\nk:a\r\r\n\n\0", "\rSEND\n"])
    func `refuses a carriage return without a line feed in 1.2`(text: String) {
        #expect(feed(text, version: .v12).error == .strayCarriageReturn)
    }

    @Test func `reports every line end between frames as a heart-beat`() {
        let transcript = feed("\n\r\n\nSEND\n\n\n\0\n\nSEND\n\n\0\n", version: .v12)
        #expect(transcript.events == [".", ".", ".", "SEND|\n", ".", ".", "SEND|", "."])
    }

    @Test func `reads NULs in a body of announced length`() {
        let transcript = feed("SEND\ncontent-length:5\n\na\0b\0\0\0SEND\n\nx\0", version: .v12)
        #expect(transcript.events == ["SEND content-length=5|a\0b\0\0", "SEND|x"])
    }

    @Test func `ends a body without announced length at its NUL`() {
        let transcript = feed("SEND\n\na\0MESSAGE\n\nb\0ERROR\n\nc\0", version: .v12)
        #expect(transcript.events == ["SEND|a", "MESSAGE|b", "ERROR|c"])
    }

    @Test func `trims the content-length of 1.0 alone`() {
        let text = "SEND\ncontent-length: 1\n\nx\0"
        #expect(feed(text, version: .v10).error == nil)
        #expect(feed(text, version: .v11).error == .badContentLength)
    }

    @Test(arguments: ["", "-1", "+1", "1 ", "0x1", "1,1", "1.0", "x", "１"])
    func `refuses a content-length that is no number`(value: String) {
        #expect(
            feed("SEND\ncontent-length:\(value)\n\nx\0", version: .v12).error == .badContentLength)
    }

    @Test(arguments: [2, 4])
    func `refuses a content-length that the NUL contradicts`(length: Int) {
        let text = "SEND\ncontent-length:\(length)\n\nabc\0\n"
        #expect(feed(text, version: .v12).error == .missingTerminator)
    }

    @Test(arguments: STOMPCommand.allCases.filter { !$0.mayHaveBody })
    func `refuses a body where none is allowed`(command: STOMPCommand) {
        #expect(feed("\(command.text)\n\nx\0").error == .bodyNotAllowed(command))
        #expect(
            feed("\(command.text)\ncontent-length:1\n").error == .bodyNotAllowed(command))
        #expect(feed("\(command.text)\ncontent-length:0\n\n\0").error == nil)
    }

    @Test(arguments: [
        ("SEND\nkey\n\n\0", STOMPError.headerWithoutColon),
        ("SEND\n \n\n\0", .headerWithoutColon),
        ("SEND\n:v\n\n\0", .emptyHeaderName),
        ("SEND\nk:v\0", .nulInHead),
        ("SEND\0", .nulInHead),
        ("\0", .nulInHead),
        ("SEND\nk:v\n\0\n", .nulInHead),
    ])
    func `refuses a malformed head`(text: String, error: STOMPError) {
        #expect(feed(text, version: .v12).error == error)
    }

    @Test func `refuses a padded name that is nothing but padding in 1.0`() {
        #expect(feed("SEND\n  :v\n\n\0", version: .v10).error == .emptyHeaderName)
    }

    @Test(arguments: [
        [0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ])
    func `refuses a head that is not UTF-8`(bytes: [UInt8]) {
        let frame = Array("SEND\nk:".utf8) + bytes + Array("\n\n\0".utf8)
        #expect(feed([frame], version: .v12).error == .headNotUTF8)
        #expect(feed(frame.map { [$0] }, version: .v12).error == .headNotUTF8)
    }

    @Test func `keeps bodies that are not UTF-8`() throws {
        var parser = STOMPParser()
        let bytes = Array("SEND\n\n".utf8) + [0xff, 0xfe, 0]
        parser.append(bytes.span)
        guard case .frame(let frame)? = try parser.next() else {
            Issue.record("no frame")
            return
        }
        #expect(frame.body == [0xff, 0xfe])
    }

    @Test func `throws the same error again and takes nothing more`() {
        var parser = STOMPParser()
        parser.append("SEND\nk:v\n\n\0nonsense\nSEND\n\n\0".utf8.span)
        #expect(throws: Never.self) { try parser.next() }
        for _ in 0..<3 {
            #expect(throws: STOMPError.unknownCommand) { try parser.next() }
            parser.append("SEND\n\n\0".utf8.span)
        }
    }

    @Test func `reads the frame behind CONNECT in the version agreed on`() {
        let transcript = feed("CONNECT\naccept-version:1.1\n\n\0SEND\na:b\\r\n\n\0")
        #expect(transcript.events == ["CONNECT accept-version=1.1|"])
        #expect(transcript.error == .badEscape)
    }

    @Test func `needs nothing more of an idle stream`() throws {
        var parser = STOMPParser()
        #expect(try parser.next() == nil)
        parser.append("".utf8.span)
        #expect(try parser.next() == nil)
    }
}
