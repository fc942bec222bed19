import Engine

/// What a client wrote for a field: a JSON value, or the text of a form or of a query.
enum FieldInput: Sendable {
    case json(JSONValue)
    case text(String)
}

/// A field of a request's body or query: how it is read, and what it looks like.
///
/// Routes list their fields; the router reads all of them before the route runs, which finds the
/// values by the same fields (`APIRequest.subscript`).
struct Field<Value: Sendable>: Sendable {
    let name: String
    let schema: Schema
    /// What counts where the client says nothing; nil: the client must.
    let fallback: Value?
    /// A sentence for whoever filled it in wrongly.
    let reason: String
    /// Nil where the input is no such value.
    let read: @Sendable (FieldInput) -> Value?

    init(
        _ name: String, _ schema: Schema, or fallback: Value? = nil, reason: String,
        read: @escaping @Sendable (FieldInput) -> Value?
    ) {
        self.name = name
        self.schema = schema
        self.fallback = fallback
        self.reason = reason
        self.read = read
    }

    /// The same field, with a value for whoever says nothing.
    func or(_ fallback: Value) -> Field {
        Field(name, schema, or: fallback, reason: reason, read: read)
    }

    /// The same field, which may be left out.
    var optional: Field<Value?> {
        let read = read
        return Field<Value?>(name, schema, or: .some(nil), reason: reason) { input in
            read(input).map(Optional.some)
        }
    }
}

/// A field of any kind of value.
protocol AnyField: Sendable {
    var name: String { get }
    var schema: Schema { get }
    var isRequired: Bool { get }
    /// The value of what the client wrote (nil: nothing).
    func take(_ input: FieldInput?) -> Result<FieldValue, FieldProblem>
}

/// The value of a field of any kind.
struct FieldValue: Sendable {
    fileprivate let box: any Sendable

    fileprivate struct Box<Value: Sendable>: Sendable {
        let value: Value
    }

    /// The value, which must be of the field that it was read with.
    func value<Value>(of field: Field<Value>) -> Value {
        guard let box = box as? Box<Value> else {
            preconditionFailure("the route lists another field named \(field.name)")
        }
        return box.value
    }
}

extension Field: AnyField {
    var isRequired: Bool { fallback == nil }

    func take(_ input: FieldInput?) -> Result<FieldValue, FieldProblem> {
        if let input, !input.isNull {
            guard let value = read(input) else {
                return .failure(FieldProblem(field: name, reason: reason))
            }
            return .success(FieldValue(box: FieldValue.Box(value: value)))
        }
        guard let fallback else {
            return .failure(FieldProblem(field: name, reason: "This is missing."))
        }
        return .success(FieldValue(box: FieldValue.Box(value: fallback)))
    }
}

extension FieldProblem: Error {}

extension FieldInput {
    var isNull: Bool {
        if case .json(.null) = self { true } else { false }
    }

    var text: String? {
        switch self {
        case .text(let text), .json(.text(let text)): text
        case .json: nil
        }
    }

    /// The number, where it is a whole one in 64 bits.
    var integer: Int64? {
        guard let literal = numeral else { return nil }
        if let integer = Int64(literal) { return integer }
        return Double(literal).flatMap { Int64(exactly: $0) }
    }

    var number: Double? {
        numeral.flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
    }

    var flag: Bool? {
        switch self {
        case .json(.flag(let flag)): flag
        case .text("true"): true
        case .text("false"): false
        case .json, .text: nil
        }
    }

    private var numeral: String? {
        switch self {
        case .json(.number(let literal)): literal
        // As JSON writes numbers, not as Swift does.
        case .text(let text):
            text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? text : nil
        case .json: nil
        }
    }
}
