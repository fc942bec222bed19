import Foundation

/// A client of a NATS server: lines that end in CR LF, and payloads of the length that their line
/// tells.
///
/// A message that the server could not take closes the connection, so there are no receipts.
final class NATSDialogue: Dialogue {
    private(set) var isLive = false
    let keepAlive = KeepAlive.none
    private let task: DialogueTask
    private var unread = UnreadBytes()
    private var hasIntroducedItself = false

    /// The longest line, and the longest payload. A server's INFO has some hundred bytes.
    private static let lineBytesMax = 65_536
    private static let payloadBytesMax = 1 << 20
    private static let subscriptionID = "1"

    init(_ task: DialogueTask) {
        self.task = task
    }

    /// Says nothing: the server speaks first.
    func begin(into output: inout [UInt8]) {}

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        try unread.read(bytes) { bytes throws(ClientFailure) in
            var offset = 0
            while offset < bytes.count {
                let count = try takeOne(bytes.extracting(offset...), &output, listener)
                if count == 0 { break }
                offset += count
            }
            return offset
        }
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        output += "PUB \(message.destination) \(message.body.count)\r\n".utf8
        output += message.body
        output += "\r\n".utf8
    }

    func probe(into output: inout [UInt8]) {
        output += "PING\r\n".utf8
    }

    func beat(into output: inout [UInt8]) {
        output += "PONG\r\n".utf8
    }

    // MARK: Receiving

    /// Takes a line with what belongs to it; returns their bytes, 0 while some are missing.
    private func takeOne(
        _ bytes: Span<UInt8>, _ output: inout [UInt8], _ listener: any DialogueListener
    ) throws(ClientFailure) -> Int {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count < Self.lineBytesMax else { throw .brokenProtocol("an endless line") }
            return 0
        }
        guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else {
            throw .brokenProtocol("a line that does not end in CR LF")
        }
        let line = bytes.extracting(first: end - 1)
        if line.holds("MSG ") {
            let rest = bytes.extracting((end + 1)..<bytes.count)
            return try takeMessage(line, rest, listener).map { end + 1 + $0 } ?? 0
        } else if line.holds("INFO ") {
            // It comes again when the cluster changes.
            if !hasIntroducedItself { introduce(into: &output) }
        } else if line.holds("PING") {
            output += "PONG\r\n".utf8
        } else if line.holds("PONG") {
            // The first one answers the words that opened the connection.
            if isLive { listener.answered() } else { isLive = true }
        } else if line.holds("-ERR ") {
            throw .refused(line.extracting(5...).text)
        } else {
            throw .brokenProtocol("'\(line.text)' was not expected")
        }
        return end + 1
    }

    /// `MSG subject subscription bytes`, then the payload and CR LF; returns how many bytes follow
    /// the line, nil while some are missing.
    private func takeMessage(
        _ line: Span<UInt8>, _ rest: Span<UInt8>, _ listener: any DialogueListener
    ) throws(ClientFailure) -> Int? {
        guard let count = line.trailingNumber, count <= Self.payloadBytesMax else {
            throw .brokenProtocol("a message without a length")
        }
        let end = Int(count)
        guard rest.count >= end + 2 else { return nil }
        guard rest[end] == UInt8(ascii: "\r"), rest[end + 1] == UInt8(ascii: "\n") else {
            throw .brokenProtocol("a message that does not end in CR LF")
        }
        if let countedBytesMin = task.countedBytesMin {
            if end >= countedBytesMin { listener.counted(1) }
        } else {
            listener.delivered(rest.extracting(first: end), position: Span())
        }
        return end + 2
    }

    // MARK: Opening

    /// What CONNECT says, as JSON.
    private struct Introduction: Encodable {
        var verbose = false
        var pedantic = false
        var lang = "swift"
        var version = "1"
        var user: String?
        var pass: String?
        var auth_token: String?
    }

    /// CONNECT, SUB where there is something to listen to, and a PING, whose answer says that both
    /// are done.
    private func introduce(into output: inout [UInt8]) {
        hasIntroducedItself = true
        var introduction = Introduction()
        switch task.identity {
        case .nobody: break
        case .login(let name, let passcode):
            introduction.user = name
            introduction.pass = passcode
        case .token(let token): introduction.auth_token = token
        }
        guard let json = try? JSONEncoder().encode(introduction) else {
            preconditionFailure("strings and flags can be written as JSON")
        }
        output += "CONNECT ".utf8
        output += json
        output += "\r\n".utf8
        if let subject = task.subscription {
            output += "SUB \(subject) \(Self.subscriptionID)\r\n".utf8
        }
        output += "PING\r\n".utf8
    }
}
