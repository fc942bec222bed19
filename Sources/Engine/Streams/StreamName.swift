/// The name of a stream, `chat/42` or `topic/news.cats`: unique in a community, and the same on
/// every node.
public struct StreamName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { text }

    /// Names are bytes: what only looks the same (`é` composed and decomposed) is another stream,
    /// as it is to every store.
    public static func == (left: StreamName, right: StreamName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: text)
    }

    /// FNV-1a over the name's UTF-8: the same in every process, unlike `hashValue`. Rooms are
    /// spread over loops by it.
    public var stableHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return hash
    }
}

extension Hasher {
    /// Feeds a text's UTF-8, where equality is that of bytes.
    mutating func combine(bytesOf text: String) {
        for byte in text.utf8 { combine(byte) }
        combine(UInt8(0xff))
    }
}
