/// A key prepared for HMAC with SHA-256 (RFC 2104, FIPS 198-1): both padded keys are already worked
/// into hash states, so that a short message costs two compressions less.
package struct HMACSHA256: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    /// Any length of key; one above 64 bytes is hashed first (RFC 2104 §2).
    package init(key: [UInt8]) {
        var padded = key.count > SHA256.blockBytes ? SHA256.hash(key) : key
        padded.append(contentsOf: repeatElement(0, count: SHA256.blockBytes - padded.count))
        var inner = SHA256()
        var outer = SHA256()
        let innerPad = padded.map { $0 ^ 0x36 }
        let outerPad = padded.map { $0 ^ 0x5c }
        inner.update(innerPad.span)
        outer.update(outerPad.span)
        self.inner = inner
        self.outer = outer
    }

    /// The 32 bytes that only a holder of the key can compute for this message.
    package func code(for message: [UInt8]) -> [UInt8] {
        var inner = self.inner
        var outer = self.outer
        inner.update(message.span)
        let digest = inner.finish()
        outer.update(digest.span)
        return outer.finish()
    }
}
