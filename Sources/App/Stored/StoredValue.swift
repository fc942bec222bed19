import Engine
import Foundation

/// The JSON form of values in the store's records.
enum StoredValue {
    /// The value's bytes, the same for equal values.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("stored types always have a JSON form: \(error)")
        }
    }

    /// The value of a record. One that can't be read is the store's failure, named for the log.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from record: Record, at key: RecordKey
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(record.value))
        } catch {
            throw .unavailable("the record \(key) is not a readable \(type)")
        }
    }
}
