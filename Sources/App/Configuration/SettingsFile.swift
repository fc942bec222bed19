import Foundation

/// Why a file could not be read, in the words for the operator.
package struct UnreadableFile: Error, Equatable {
    let reason: String
}

/// A JSON file of settings: one object whose keys are the settings' names, and whose values are
/// texts, whole numbers, `true` and `false`, or lists of these.
package struct SettingsFile: Equatable {
    let path: String
    /// What the file gives each setting, as texts.
    let texts: [String: [String]]

    /// Reads the file's bytes; every key must be a setting, and only lists may have several values.
    init(path: String, bytes: [UInt8]) throws(UsageError) {
        let entries: [String: Entry]
        do {
            entries = try JSONDecoder().decode([String: Entry].self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.refusal(error, path: path)
        } catch {
            throw .unreadableFile(path: path, reason: "is not JSON")
        }
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard let setting = Setting.all.first(where: { $0.name == key }) else {
                let closest = Suggestion.closest(to: key, among: Setting.all.map(\.name))
                throw .unknownKey(key, path: path, closest: closest)
            }
            if entry.isList, !setting.isList {
                throw .unusable(source: "\(path): \(key)", text: nil, reason: "must not be a list")
            }
        }
        self.path = path
        texts = entries.mapValues(\.texts)
    }

    /// The content of a file on disk.
    package static func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch CocoaError.fileReadNoSuchFile {
            throw UnreadableFile(reason: "there is no such file")
        } catch CocoaError.fileReadNoPermission {
            throw UnreadableFile(reason: "may not be read: permission denied")
        } catch {
            throw UnreadableFile(reason: "can't be read")
        }
    }

    private static func refusal(_ error: DecodingError, path: String) -> UsageError {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            guard let key = context.codingPath.first else {
                return .unreadableFile(path: path, reason: "is not a JSON object of settings")
            }
            return .unusable(
                source: "\(path): \(key.stringValue)", text: nil,
                reason: "must be text, a whole number, true, false, or a list of these")
        @unknown default:
            return .unreadableFile(path: path, reason: "is not a JSON object of settings")
        }
    }
}

/// The value of one key.
private struct Entry: Decodable {
    let texts: [String]
    let isList: Bool

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {  // Not a list? Then it must be a scalar.
            var texts: [String] = []
            while !list.isAtEnd { texts.append(try list.decode(Scalar.self).text) }
            self.texts = texts
            isList = true
        } else {
            texts = [try Scalar(from: decoder).text]
            isList = false
        }
    }
}

/// A value that is no list, as the text that a flag would give.
private struct Scalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each failure only says that the value is of the next type; the last one is reported.
        if let value = try? container.decode(Bool.self) {
            text = String(value)
        } else if let value = try? container.decode(Int.self) {
            text = String(value)
        } else {
            text = try container.decode(String.self)
        }
    }
}
