/// One page of a list.
struct PageAnswer<Item: Shaped>: Shaped {
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

    static var shape: Schema { .object(properties) }

    static var properties: [Schema.Property] {
        [
            .init("content", .list(of: Item.shape, countMax: PageRequest.sizeMax)),
            .count("totalElements"), .count("totalPages"), .count("number"), .count("size"),
            .flag("first"), .flag("last"), .flag("empty"),
        ]
    }
}

/// Which page of a list is asked for: `?page=1&size=20&isAsc=false`.
struct PageRequest: Sendable {
    static let sizeMax = 100
    /// Beyond it, skipping costs more than any reader gains.
    fileprivate static let numberMax = 1_000_000

    /// From 1.
    let number: Int
    let size: Int
    let isAscending: Bool

    var skip: Int { (number - 1) * size }
}

/// The query of a list that is paged.
enum PageQuery {
    private static let page = Field<Int>.count("page", 1...PageRequest.numberMax).or(1)
    private static let size = Field<Int>.count("size", 1...PageRequest.sizeMax).or(20)
    private static let isAscending = Field<Bool>.flag("isAsc").or(false)

    /// The fields of a list that can be sorted by these; none: by what it says itself.
    static func fields(sortedBy names: [String] = ["createdAt"]) -> [any AnyField] {
        [page, size, isAscending]
            + (names.isEmpty ? [] : [Field<String>.name("sortBy", of: names).optional])
    }

    /// The fields of a list that has an order of its own.
    static let unsorted: [any AnyField] = [page, size]

    /// What a list that has `fields` was asked for.
    static func read(_ request: APIRequest) -> PageRequest {
        PageRequest(
            number: request[page], size: request[size], isAscending: request[isAscending])
    }

    /// What a list that is `unsorted` was asked for.
    static func readUnsorted(_ request: APIRequest) -> PageRequest {
        PageRequest(number: request[page], size: request[size], isAscending: false)
    }
}
