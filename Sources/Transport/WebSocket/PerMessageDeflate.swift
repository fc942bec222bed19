/// The parameters that permessage-deflate was negotiated with (RFC 7692 §7.1).
///
/// Neither side ever keeps its context from one message to the next: as a server we say so for
/// both, as a client we ask for it. So one compressed frame can go to all members of a room, and
/// an idle connection holds no inflate state.
public struct PerMessageDeflate: Hashable, Sendable {
    /// The window that the server's messages keep to, 8...15 bits: what a server makes its
    /// `Deflater` with. A client's messages use 15.
    public let serverWindowBits: Int

    static let name = "permessage-deflate"

    /// What our client sends in `Sec-WebSocket-Extensions`.
    static let offer = "\(name); server_no_context_takeover; client_no_context_takeover"

    public init(serverWindowBits: Int = 15) {
        precondition((8...15).contains(serverWindowBits), "a window has 8 to 15 bits")
        self.serverWindowBits = serverWindowBits
    }

    /// A server's choice among a client's offers: the first that is permessage-deflate and whose
    /// parameters are all known, valid and there once (RFC 7692 §5, §7.1), with the answer to it;
    /// nil where there is none.
    static func negotiate(
        _ offers: [String]
    ) -> (parameters: PerMessageDeflate, answer: String)? {
        for offer in offers {
            guard let offered = Parameters(offer, in: .offer) else { continue }
            var answer = Self.offer
            if let bits = offered.serverWindowBits {
                answer += "; server_max_window_bits=\(bits)"
            }
            return (PerMessageDeflate(serverWindowBits: offered.serverWindowBits ?? 15), answer)
        }
        return nil
    }

    /// Reads a server's answer to `offer`; nil where it is invalid, or does not promise to do
    /// without context, which our inflating needs.
    init?(answer: String) {
        guard let agreed = Parameters(answer, in: .answer), agreed.serverDropsContext else {
            return nil
        }
        self.init(serverWindowBits: agreed.serverWindowBits ?? 15)
    }
}

/// The parameters of one offer or answer, as written.
private struct Parameters {
    enum Place { case offer, answer }

    var serverDropsContext = false
    var clientDropsContext = false
    var serverWindowBits: Int?
    /// 15 where an offer gives no value, which says only that the client knows the parameter.
    var clientWindowBits: Int?

    /// Nil unless the element is permessage-deflate with parameters that are known, valid in that
    /// place, and there once.
    init?(_ text: String, in place: Place) {
        guard let element = WebSocketExtension(text), element.name == PerMessageDeflate.name else {
            return nil
        }
        for parameter in element.parameters {
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil) where !serverDropsContext:
                serverDropsContext = true
            case ("client_no_context_takeover", nil) where !clientDropsContext:
                clientDropsContext = true
            case ("server_max_window_bits", let value?) where serverWindowBits == nil:
                guard let bits = Self.windowBits(value) else { return nil }
                serverWindowBits = bits
            case ("client_max_window_bits", nil)
            where place == .offer && clientWindowBits == nil:
                clientWindowBits = 15
            case ("client_max_window_bits", let value?)
            where place == .offer && clientWindowBits == nil:
                guard let bits = Self.windowBits(value) else { return nil }
                clientWindowBits = bits
            default:
                return nil
            }
        }
    }

    /// 8...15 in decimal without leading zeros (RFC 7692 §7.1.2).
    private static func windowBits(_ text: String) -> Int? {
        (8...15).first { String($0) == text }
    }
}
