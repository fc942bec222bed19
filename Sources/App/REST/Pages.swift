/// One page of a list.
struct PageAnswer<Item: Encodable & Sendable>: Encodable, Sendable {
    let content: [Item]
    let totalElements: Int
    let totalPages: Int
    let number: Int
    let size: Int
    let first: Bool
    let last: Bool
    let empty: Bool

    init(_ content: [Item], of request: PageRequest, total: Int) {
        self.content = content
        totalElements = total
        totalPages = (total + request.size - 1) / request.size
        number = request.number
        size = request.size
        first = request.number == 1
        last = request.number >= totalPages
        empty = content.isEmpty
    }
}

/// Which page of a list is asked for: `?page=1&size=20&isAsc=false`.
struct PageRequest: Sendable {
    static let sizeMax = 100
    /// Beyond it, skipping costs more than any reader gains.
    private static let numberMax = 1_000_000

    /// From 1.
    let number: Int
    let size: Int
    let isAscending: Bool
    /// What the list is to be sorted by; nil: what it is sorted by anyway.
    let sortField: String?

    var skip: Int { (number - 1) * size }

    /// `fields` are the ones the list can be sorted by.
    init(_ query: APIQuery, sortedBy fields: Set<String>) throws(APIError) {
        sortField = query.text("sortBy")
        if let sortField, !fields.contains(sortField) { throw .malformedQuery }
        number = try query.number("page", in: 1...Self.numberMax) ?? 1
        size = try query.number("size", in: 1...Self.sizeMax) ?? 20
        isAscending = try query.flag("isAsc") ?? false
    }
}
