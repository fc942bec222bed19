import Foundation
import Transport

/// What a request without a resource of its own is answered with.
struct Acknowledgement: Encodable, Sendable {
    let message: String
    let statusCode: Int
}

extension HTTPResponse {
    /// A JSON answer. It depends on who asks and must not be kept by caches.
    init(json body: some Encodable, status: HTTPStatus = .ok) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let bytes = try? encoder.encode(body) else {
            preconditionFailure("our own answers can be encoded")
        }
        self.init(json: [UInt8](bytes), status: status)
    }

    /// A JSON answer that is encoded already.
    init(json body: [UInt8], status: HTTPStatus = .ok) {
        self.init(
            status: status,
            headers: [
                "content-type": "application/json", "cache-control": "no-store",
                "x-content-type-options": "nosniff",
            ], body: body)
    }

    /// Success without a resource.
    init(acknowledging message: String, status: HTTPStatus = .ok) {
        self.init(
            json: Acknowledgement(message: message, statusCode: status.code), status: status)
    }
}

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

    var skip: Int { (number - 1) * size }

    init(_ query: APIQuery) throws(APIError) {
        number = try query.number("page", in: 1...Self.numberMax) ?? 1
        size = try query.number("size", in: 1...Self.sizeMax) ?? 20
        isAscending = try query.flag("isAsc") ?? false
    }
}

/// The query of a request, read strictly.
struct APIQuery: Sendable {
    private let items: [HTTPQueryItem]

    init(_ items: [HTTPQueryItem]) {
        self.items = items
    }

    func text(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else { throw .malformedQuery }
        return number
    }

    func flag(_ name: String) throws(APIError) -> Bool? {
        switch text(name) {
        case nil: nil
        case "true": true
        case "false": false
        case _: throw .malformedQuery
        }
    }
}
