/// A reply of Redis (RESP2).
package enum RedisValue: Hashable, Sendable {
    /// A bulk string.
    case string([UInt8])
    /// A simple string, such as `OK`.
    case status(String)
    case integer(Int64)
    case array([RedisValue])
    case null
    /// An error inside an array; one on its own is a `RedisFailure.refused`.
    case error(String)

    /// The bytes of a bulk string.
    var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// A bulk or simple string as text.
    var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .integer, .array, .null, .error: nil
        }
    }

    var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    var elements: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
