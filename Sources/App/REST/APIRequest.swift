import Engine
import Transport

/// A request as the REST handlers see it: the path's parameters, the fields, who asks.
package struct APIRequest: Sendable {
    let head: HTTPRequestHead
    /// What stood in the place of each `{name}`.
    let parameters: [String: String]
    /// The client's address, by a trusted proxy's word where there is one.
    let clientAddress: String
    /// Whether the client came over TLS.
    let isSecure: Bool
    /// Who asks; handlers of routes that need a sign-in read `user`.
    let caller: Identity?
    /// What the route's fields were read to.
    let fields: [String: FieldValue]
    /// The images of its form, which nothing has taken yet: whatever the route does not attach goes.
    let images: [UploadedImage]

    /// Who asks. Only for routes that need a sign-in.
    var user: Identity {
        guard let caller else { preconditionFailure("the router lets nobody in without a name") }
        return caller
    }

    /// The value of a field that the route lists.
    subscript<Value>(_ field: Field<Value>) -> Value {
        guard let value = fields[field.name] else {
            preconditionFailure("the route does not list \(field.name)")
        }
        return value.value(of: field)
    }

    /// A number in the path.
    func id(_ name: String = "id") throws(APIError) -> Int64 {
        guard let text = parameters[name], let id = Int64(text), id > 0, String(id) == text else {
            throw .notFound
        }
        return id
    }

    /// The client's own name for what it writes.
    func idempotencyKey() throws(APIError) -> IdempotencyKey? {
        guard let text = head.headers.first(named: "idempotency-key") else { return nil }
        guard let key = IdempotencyKey(text) else {
            let reason = "A key has 1 to \(IdempotencyKey.bytesMax) bytes."
            throw .invalid([FieldProblem(field: "Idempotency-Key", reason: reason)])
        }
        return key
    }

    /// The value of a cookie; the first where there are several.
    func cookie(_ name: String) -> String? { head.cookies[name]?.first }
}
