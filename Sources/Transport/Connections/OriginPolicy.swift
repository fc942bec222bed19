/// Which web pages may open sockets and send cookies: those of the server's own origin, and those of
/// origins the operator lists. Programs that are no browsers send no `Origin` and are not concerned.
public struct OriginPolicy: Sendable, Hashable {
    private let allowed: Set<String>

    /// Origins as browsers send them, `https://example.org`.
    public init(allowed: [String]) {
        self.allowed = Set(allowed.map { $0.lowercased() })
    }

    /// The request's origin where it is one of the listed, whose pages may read the answers.
    public func listedOrigin(of head: HTTPRequestHead) -> String? {
        guard let origin = head.headers.first(named: "Origin"),
            allowed.contains(origin.lowercased())
        else { return nil }
        return origin
    }

    /// Whether a request comes from a page that may make it.
    public func admits(_ head: HTTPRequestHead) -> Bool {
        let origins = head.headers.all(named: "Origin")
        guard let origin = origins.first?.lowercased() else { return true }
        guard origins.count == 1 else { return false }
        if allowed.contains(origin) { return true }
        guard let host = head.headers.first(named: "Host")?.lowercased() else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }
}
