import Transport

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
