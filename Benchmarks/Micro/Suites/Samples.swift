import Engine
import Transport

/// The bytes that the benchmarks work on: what a chat client sends and receives.
enum Sample {
    static let maskKey: UInt32 = 0x3A5C_96F1
    /// The time at which everything happens, in milliseconds since 1970.
    static let nowMs: Int64 = 1_767_225_600_000

    /// A SEND of 200 bytes.
    static func send(to destination: String = "/topic/news.cats", receipt: String? = nil) -> [UInt8]
    {
        var headers = [("destination", destination), ("content-type", "text/plain;charset=utf-8")]
        if let receipt { headers.append(("receipt", receipt)) }
        // The body's own size is written in the head, with one digit more or less.
        let frames = (1..<200).lazy.map {
            encoded(STOMPFrame(.send, headers, body: text(byteCount: $0)))
        }
        guard let frame = frames.first(where: { $0.count == 200 }) else {
            preconditionFailure("the headers leave no room for a body")
        }
        return frame
    }

    /// A masked text frame with that payload.
    static func masked(_ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        WebSocketEncoder.frame(.text, payload: payload, maskKey: maskKey, into: &frame)
        return frame
    }

    /// A text of so many bytes of ASCII.
    static func text(byteCount: Int) -> [UInt8] {
        let words = Array("the cat sat by the window and watched it rain ".utf8)
        return (0..<byteCount).map { words[$0 % words.count] }
    }

    /// A text of at most so many bytes, three for each character.
    static func hangul(byteCount: Int) -> [UInt8] {
        let word = Array("고양이가창가에앉아비를보았다".utf8)
        return (0..<byteCount / 3 * 3).map { word[$0 % word.count] }
    }

    /// What a browser asks for a page with.
    static let request = Array(
        """
        GET /api/open-chats/42/messages?limit=50 HTTP/1.1\r
        Host: pets.example\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0\r
        Accept: application/json\r
        Accept-Language: en-GB,en;q=0.7\r
        Accept-Encoding: gzip, deflate, br\r
        Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl\r
        Connection: keep-alive\r
        \r

        """.utf8)

    private static func encoded(_ frame: STOMPFrame) -> [UInt8] {
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: .v12, into: &bytes)
        return bytes
    }
}
