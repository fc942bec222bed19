import Transport

/// The STOMP parser: events as text, and every whole frame once through the encoder and back.
struct STOMPFuzz: FuzzTarget {
    static let name = "stomp"

    static let corpus: [[UInt8]] = [
        "CONNECT\naccept-version:1.0,1.1,1.2\nhost:a\nheart-beat:0,1000\n\n\0",
        "CONNECT\nlogin: me \npasscode:x\n\n\0\n",
        "STOMP\r\naccept-version:1.1\r\nhost:a\r\n\r\n\0\r\n",
        "CONNECT\naccept-version:1.2\nhost:a\n\n\0SUBSCRIBE\nid:0\ndestination:/sub/chat/1\n\n\0",
        "CONNECT\naccept-version:1.2\nhost:a\n\n\0\r\n\n"
            + "SEND\ndestination:/a\\cb\\n\\r\\\\\ncontent-length:3\n\na\0b\0",
        "CONNECT\naccept-version:1.1\nhost:a\n\n\0SEND\nx\\c:\\n\\\\\r\ndestination:/ü\n\nbody\0\n\n",
        "CONNECTED\nversion:1.2\n\n\0MESSAGE\nsubscription:0\nmessage-id:1\ndestination:/a\n"
            + "content-length:5\n\nhello\0RECEIPT\nreceipt-id:7\n\n\0",
        "SEND\ndestination:/a\n\nx\0",
        "CONNECT\naccept-version:1.2\nhost:a\n\n\0BEGIN\ntransaction:1\n\n\0ACK\nid:1\ntransaction:1\n"
            + "\n\0NACK\nid:2\n\n\0COMMIT\ntransaction:1\n\n\0ABORT\ntransaction:1\n\n\0"
            + "UNSUBSCRIBE\nid:0\n\n\0DISCONNECT\nreceipt:9\n\n\0",
        "ERROR\nmessage:bad-frame\ncontent-type:text/plain\n\nwords\0",
    ].map { Array($0.utf8) }

    static func run(_ input: [UInt8], chunkSizes: [Int]) -> String {
        var parser = STOMPParser(
            limits: STOMPLimits(
                headerCountMax: 8, headerBytesMax: 100, headBytesMax: 250, bodyBytesMax: 300))
        var description = ""
        var start = 0
        for size in chunkSizes {
            parser.append(input.span.extracting(start..<start + size))
            start += size
            do throws(STOMPError) {
                while let event = try parser.next() {
                    describe(event, &parser, into: &description)
                }
            } catch {
                return description + "error \(error)"
            }
        }
        return description
    }

    private static func describe(
        _ event: STOMPEvent, _ parser: inout STOMPParser, into description: inout String
    ) {
        switch event {
        case .heartBeat:
            description += "heart-beat\n"
        case .frame(let frame):
            switch frame.command {
            case .connect, .stomp:
                let offered = frame.headers.value(of: "accept-version")
                parser.version = STOMPVersion.negotiate(acceptVersion: offered)
            case .connected:
                parser.version = .v12
            case .send, .subscribe, .unsubscribe, .ack, .nack, .begin, .commit, .abort,
                .disconnect, .message, .receipt, .error:
                break
            }
            description += "\(frame.command) \(frame.headers.pairs) \(frame.body)\n"
            checkRoundTrip(frame)
        }
    }

    /// What 1.2 can express (everything but NUL in a header) is read back as it was.
    private static func checkRoundTrip(_ frame: STOMPFrame) {
        let connects = [.connect, .stomp, .connected].contains(frame.command)
        guard !connects else { return }
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: .v12, into: &bytes)
        var parser = STOMPParser()
        parser.version = .v12
        parser.append(bytes.span)
        guard case .frame(let copy)? = try? parser.next() else {
            fatalError("An encoded frame can't be read: \(bytes)")
        }
        func own(_ frame: STOMPFrame) -> String {
            let pairs = frame.headers.pairs.filter { $0.name != "content-length" }
            return "\(frame.command) \(pairs) \(frame.body)"
        }
        precondition(own(copy) == own(frame), "An encoded frame is read back as another.")
    }
}
