/// What a frame carries (RFC 6455 §5.2). The ten reserved values have no case: a frame that uses
/// one is refused.
public enum WebSocketOpcode: UInt8, Hashable, Sendable, CaseIterable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Close, ping and pong: at most 125 bytes, never fragmented, allowed between the fragments of
    /// a message (RFC 6455 §5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
