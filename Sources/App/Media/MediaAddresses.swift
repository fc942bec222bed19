/// Where clients find media.
package struct MediaAddresses: Sendable {
    /// Everything before the key.
    private let prefix: String

    /// Relative to the site, unless `prefix` is another place.
    package init(prefix: String = "/media/") {
        self.prefix = prefix
    }

    /// The address of what has this key.
    func address(_ key: String) -> String { prefix + key }
}
