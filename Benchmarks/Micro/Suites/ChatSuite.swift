import App
import Engine

/// A message of a chat room: from the client's JSON to what is stored, and from there to the JSON
/// that members get. Each is done once for a message, however many members there are.
enum ChatSuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("chat.compose.ascii-120") { composing(Sample.text(byteCount: 120)) },
        Benchmark("chat.compose.hangul-120") { composing(Sample.hangul(byteCount: 120)) },
        Benchmark("chat.render.ascii-120") { rendering(Sample.text(byteCount: 120)) },
        Benchmark("chat.render.hangul-120") { rendering(Sample.hangul(byteCount: 120)) },
    ]

    private static func composing(_ text: [UInt8]) -> (Int) -> Int {
        let body = Array(#"{"message":""#.utf8) + text + Array(#""}"#.utf8)
        return { count in
            var byteCount = 0
            for _ in 0..<count { byteCount &+= composedByteCount(body) }
            precondition(byteCount == count * text.count, "all of the text is stored")
            return byteCount
        }
    }

    private static func composedByteCount(_ body: [UInt8]) -> Int {
        do throws(Refusal) {
            return try ChatMessage.compose(body, "application/json").body.count
        } catch {
            preconditionFailure("the sample is well-formed")
        }
    }

    private static func rendering(_ text: [UInt8]) -> (Int) -> Int {
        let publication = Publication(
            offset: 4_711, sender: UserID(42), senderName: "Mina",
            contentType: "text/plain;charset=utf-8", body: text, timestampMs: Sample.nowMs)
        return { count in
            var byteCount = 0
            for _ in 0..<count {
                byteCount &+= ChatMessage.render(publication, room: 7).body.count
            }
            return byteCount
        }
    }
}
