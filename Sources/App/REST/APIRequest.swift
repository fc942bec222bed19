import Engine
import Foundation
import Transport

/// A request as the REST handlers see it: the path's parameters, the query, the body, who asks.
struct APIRequest: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    /// What stood in the place of each `{name}`.
    let parameters: [String: String]
    /// The client's address, by a trusted proxy's word where there is one.
    let clientAddress: String
    /// Whether the client came over TLS.
    let isSecure: Bool
    /// Who asks; handlers of routes that need a sign-in read `user`.
    let caller: Identity?

    var query: APIQuery { APIQuery(head.query) }

    /// Who asks. Only for routes that need a sign-in.
    var user: Identity {
        guard let caller else { preconditionFailure("the router lets nobody in without a name") }
        return caller
    }

    /// A number in the path.
    func id(_ name: String) throws(APIError) -> Int64 {
        guard let text = parameters[name], let id = Int64(text), id > 0, String(id) == text else {
            throw .notFound
        }
        return id
    }

    /// The body as JSON.
    func json<Body: Decodable>(_ type: Body.Type) throws(APIError) -> Body {
        let mediaType = head.headers.first(named: "content-type")?
            .prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard mediaType == "application/json" else { throw .unsupportedMediaType }
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch DecodingError.keyNotFound(let key, _) {
            throw .invalid([FieldProblem(field: key.stringValue, reason: "This is missing.")])
        } catch DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            guard let field = context.codingPath.last?.stringValue else { throw .malformed }
            throw .invalid([FieldProblem(field: field, reason: "This has the wrong type.")])
        } catch {
            throw .malformed
        }
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
