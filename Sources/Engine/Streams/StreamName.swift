/// The name of a stream, `chat/42` or `topic/news.cats`: unique in a community, and the same on
/// every node. Names are bytes, as they are to every store.
public struct StreamName: Hashable, Sendable, CustomStringConvertible {
    private let exact: ExactText

    public init(_ text: String) {
        exact = ExactText(text)
    }

    public var text: String { exact.text }
    public var description: String { text }

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
