import Transport

/// Writes a client's frames, each masked with a key of its own (RFC 6455 §5.3).
struct WebSocketSender: Sendable {
    /// The keys need not be unpredictable here, where nobody plants bytes; the system's generator
    /// would cost a system call each.
    private var state = UInt64.random(in: .min ... .max)

    /// Appends one message or control frame.
    mutating func send(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, into output: inout [UInt8]
    ) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        WebSocketEncoder.frame(
            opcode, payload: payload, maskKey: UInt32(truncatingIfNeeded: state &>> 32),
            into: &output)
    }
}
