/// A name and a value of a query, decoded. `?a` has an empty value.
public struct HTTPQueryItem: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
