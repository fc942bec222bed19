import Foundation
import Transport

/// What a request without a resource of its own is answered with.
struct Acknowledgement: Shaped {
    let message: String
    let statusCode: Int

    static let shape = Schema.named(
        "Acknowledgement", .object([.text("message"), .count("statusCode")]))
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
