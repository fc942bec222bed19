import Engine

/// A part of a primary key.
enum SQLiteArchiveValue: Hashable {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// The tables in the order in which they are read, each in the order of its primary key.
enum SQLiteArchiveTable: String, CaseIterable {
    case records
    case indexEntries = "index_entries"
    case counters
    case streams
    case entries
    case publishKeys = "recent_keys"

    /// The table after this one; nil after the last.
    var next: SQLiteArchiveTable? {
        Self.allCases.drop { $0 != self }.dropFirst().first
    }

    /// Selects what follows a key, which is bound from 2 on; the first parameter is a limit. The key's
    /// columns come first.
    func select(after key: [SQLiteArchiveValue]?) -> String {
        let places = keyColumns.indices.map { "?\($0 + 2)" }.joined(separator: ", ")
        let columns = keyColumns.joined(separator: ", ")
        let condition = key == nil ? "" : "WHERE (\(columns)) > (\(places)) "
        return "SELECT \(columns), \(rest) \(condition)ORDER BY \(columns) LIMIT ?1"
    }

    /// The key of a row that `select` gave.
    func key(of row: SQLiteStatement) -> [SQLiteArchiveValue] {
        switch self {
        case .records: [.text(row.text(0)), .text(row.text(1))]
        case .indexEntries: [.text(row.text(0)), .blob(row.bytes(1)), .text(row.text(2))]
        case .counters: [.text(row.text(0))]
        case .streams: [.integer(row.int64(0))]
        case .entries: [.integer(row.int64(0)), .integer(row.int64(1))]
        case .publishKeys:
            [
                .integer(row.int64(0)), .integer(row.int64(1)), .integer(row.int64(2)),
                .text(row.text(3)),
            ]
        }
    }

    /// What a row that `select` gave stands for.
    func item(in row: SQLiteStatement) -> ArchiveItem {
        switch self {
        case .records:
            .record(
                RecordKey(row.text(0), row.text(1)),
                Record(
                    value: row.bytes(3), version: UInt64(bitPattern: row.int64(2)),
                    expiresAtMs: row.isNull(4) ? nil : row.int64(4)))
        case .indexEntries:
            .entry(IndexEntry(sortKey: row.bytes(1), id: row.text(2)), index: row.text(0))
        case .counters:
            .counter(row.text(0), row.int64(1))
        case .streams:
            .stream(
                StreamName(row.text(1)), floor: UInt64(row.int64(3)), top: UInt64(row.int64(2)))
        case .entries:
            .publication(
                Publication(
                    offset: UInt64(row.int64(1)), sender: UserID(row.int64(4)),
                    senderName: row.text(5), contentType: row.text(6), body: row.bytes(7),
                    timestampMs: row.int64(3)),
                in: StreamName(row.text(2)))
        case .publishKeys:
            .publishKey(
                row.text(3), from: UserID(row.int64(2)), in: StreamName(row.text(4)),
                offset: UInt64(row.int64(5)), storedAtMs: row.int64(6))
        }
    }

    private var keyColumns: [String] {
        switch self {
        case .records: ["collection", "id"]
        case .indexEntries: ["name", "sort_key", "id"]
        case .counters: ["name"]
        case .streams: ["id"]
        case .entries: ["stream", "\"offset\""]
        case .publishKeys: ["day", "stream", "sender", "\"key\""]
        }
    }

    private var rest: String {
        let streamName = "(SELECT streams.name FROM streams WHERE streams.id = stream)"
        return switch self {
        case .records: "version, value, expires_ms FROM records"
        // Every column is part of the key; something must stand here.
        case .indexEntries: "0 FROM index_entries"
        case .counters: "value FROM counters"
        case .streams:
            """
            name, max(top, coalesce(
                (SELECT max("offset") FROM entries WHERE stream = streams.id), 0)), floor
            FROM streams
            """
        case .entries:
            "\(streamName), at_ms, sender, sender_name, content_type, body FROM entries"
        case .publishKeys: "\(streamName), \"offset\", stored_ms FROM recent_keys"
        }
    }
}

/// A place in the tables: after a key, or before all of a table.
struct SQLiteArchivePlace {
    let table: SQLiteArchiveTable
    let key: [SQLiteArchiveValue]?

    init(table: SQLiteArchiveTable, key: [SQLiteArchiveValue]?) {
        self.table = table
        self.key = key
    }

    /// Nil for what `cursor` did not make.
    init?(_ cursor: ArchiveCursor) {
        let words = cursor.text.split(separator: " ", omittingEmptySubsequences: false)
        guard let table = words.first.flatMap({ SQLiteArchiveTable(rawValue: String($0)) }) else {
            return nil
        }
        self.table = table
        guard words.count > 1 else {
            key = nil
            return
        }
        var key: [SQLiteArchiveValue] = []
        for word in words.dropFirst() {
            switch word.first {
            case "t":
                guard let bytes = Self.bytes(word.dropFirst()),
                    let text = String(validating: bytes, as: UTF8.self)
                else { return nil }
                key.append(.text(text))
            case "b":
                guard let bytes = Self.bytes(word.dropFirst()) else { return nil }
                key.append(.blob(bytes))
            default:
                guard let number = Int64(word) else { return nil }
                key.append(.integer(number))
            }
        }
        self.key = key
    }

    var cursor: ArchiveCursor {
        let parts = (key ?? []).map { value in
            switch value {
            case .integer(let number): String(number)
            case .text(let text): "t" + Self.hexadecimal(text.utf8)
            case .blob(let bytes): "b" + Self.hexadecimal(bytes)
            }
        }
        return ArchiveCursor(text: ([table.rawValue] + parts).joined(separator: " "))
    }

    func bind(to statement: SQLiteStatement, countMax: Int) throws(SQLiteError) {
        try statement.bind(Int64(countMax), at: 1)
        for (place, value) in (key ?? []).enumerated() {
            switch value {
            case .integer(let number): try statement.bind(number, at: Int32(place) + 2)
            case .text(let text): try statement.bind(text, at: Int32(place) + 2)
            case .blob(let bytes): try statement.bind(bytes, at: Int32(place) + 2)
            }
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)
        }
    }
}
