/// The origin of a web page, `https://pets.example:8443`, in the form in which browsers send it
/// (RFC 6454 §6.2): lower case, without the scheme's own port.
struct WebOrigin: Hashable, Sendable {
    let text: String

    /// Nil where `text` is no `http` or `https` origin, or has more to it: a path, a user, spaces.
    init?(_ text: String) {
        let lower = text.lowercased()
        for (scheme, ownPort) in [("http://", ":80"), ("https://", ":443")] {
            guard lower.hasPrefix(scheme) else { continue }
            var authority = lower.dropFirst(scheme.count)
            if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
            guard Self.isAuthority(authority) else { return nil }
            self.text = scheme + authority
            return
        }
        return nil
    }

    /// Whether `text` is a host name or a bracketed IPv6 address, and perhaps a port.
    private static func isAuthority(_ text: Substring) -> Bool {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[...end]
            rest = text[end...].dropFirst()
            guard IPAddress(host.dropFirst().dropLast()) != nil else { return false }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
            guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return false }
        }
        guard rest.hasPrefix(":") else { return rest.isEmpty }
        return wholeNumber(rest.dropFirst()).map { (1...65_535).contains($0) } ?? false
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
