import Engine
import Foundation
import Transport

/// What a request's body is, before its fields are read.
enum RequestBody: Sendable {
    case bytes([UInt8])
    case form(ReceivedForm)

    /// The images of a form.
    var images: [UploadedImage] {
        switch self {
        case .bytes: []
        case .form(let form): form.images
        }
    }
}

extension APIRoute {
    /// The values of the route's fields in a request's query and body.
    func readFields(
        _ head: HTTPRequestHead, _ content: RequestBody
    ) throws(APIError) -> [String: FieldValue] {
        var values: [String: FieldValue] = [:]
        var problems: [FieldProblem] = []
        func take(_ field: any AnyField, _ input: FieldInput?) {
            switch field.take(input) {
            case .success(let value): values[field.name] = value
            case .failure(let problem): problems.append(problem)
            }
        }
        for field in query {
            let written = head.query.first { $0.name == field.name }?.value
            take(field, written.map(FieldInput.text))
        }
        guard problems.isEmpty else { throw .malformedQuery(problems) }
        guard let body else { return values }
        switch content {
        case .bytes(let bytes):
            let document = try Self.document(head, bytes)
            for field in body { take(field, document[field.name].map(FieldInput.json)) }
        case .form(let form):
            for field in body { take(field, form.fields[field.name].map(FieldInput.text)) }
        }
        guard problems.isEmpty else { throw .invalid(problems) }
        return values
    }

    /// The body, which must be a JSON object.
    private static func document(
        _ head: HTTPRequestHead, _ bytes: [UInt8]
    ) throws(APIError) -> JSONValue {
        guard head.mediaType == "application/json" else { throw .unsupportedMediaType }
        do {
            let value = try JSONValue(reading: bytes)
            guard case .object = value else { throw MalformedJSON() }
            return value
        } catch {
            throw .malformed
        }
    }
}

extension HTTPRequestHead {
    /// The body's media type in lower case, without parameters.
    var mediaType: String? {
        headers.first(named: "content-type")?
            .prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }
}
