import CSQLite

// The seam to SQLite's C interface. The two handles below never leave this file. What guards them:
// each has one owner, an object, which releases it exactly once; neither class is `Sendable`, so
// that only one thread at a time can reach a connection and its statements; a statement keeps its
// connection open in C (`sqlite3_close_v2`); and pointers that SQLite lends (columns, messages) are
// copied before the call that got them returns.

/// A connection to a database file.
@safe
final class SQLiteConnection {
    private let handle: OpaquePointer

    /// Opens the file, and creates it where it doesn't exist.
    ///
    /// `busyTimeoutMs` bounds the wait for a lock that another process holds.
    init(path: String, busyTimeoutMs: Int32) throws(SQLiteError) {
        // Mutual exclusion is the owner's (NOMUTEX).
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let error = unsafe SQLiteError(code: code, connection: opened)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, busyTimeoutMs)
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
    }

    /// Makes a commit reach the disk before it returns, and readers and the writer independent of
    /// each other (<https://www.sqlite.org/wal.html>). Changes the file.
    func useWriteAheadLog() throws(SQLiteError) {
        let mode = try prepare("PRAGMA journal_mode = WAL").first { $0.text(0) }
        guard mode == "wal" else {
            throw SQLiteError(
                code: SQLITE_CANTOPEN, words: "no write-ahead log on this file system")
        }
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA foreign_keys = OFF")
        try execute("PRAGMA cache_size = -16384")
    }

    /// Runs one or several statements whose rows don't matter.
    func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe SQLiteError(code: code, connection: handle) }
    }

    /// Compiles one statement, to be run many times.
    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else {
            throw unsafe SQLiteError(code: code, connection: handle)
        }
        return unsafe SQLiteStatement(statement)
    }

    /// The first column of the first row, for pragmas and the like; nil without a row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        try prepare(sql).first { $0.int64(0) }
    }

    /// True between BEGIN and the COMMIT or ROLLBACK that ends it. An error may have rolled back
    /// by itself.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// The rows that the last INSERT, UPDATE or DELETE changed.
    var changedRows: Int64 { unsafe sqlite3_changes64(handle) }

    /// The rows that all statements of this connection have changed.
    var totalChangedRows: Int64 { unsafe sqlite3_total_changes64(handle) }

    /// The row id that the last INSERT made.
    var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
}

/// A compiled statement of one connection.
///
/// Parameters and columns are numbered as SQL does, from 1 and from 0. Every way of running it
/// leaves it reset, so that it holds no lock and no snapshot afterwards.
@safe
final class SQLiteStatement {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    /// Sets a parameter; nil is NULL.
    func bind(_ value: Int64?, at index: Int32) throws(SQLiteError) {
        if let value {
            try check(unsafe sqlite3_bind_int64(handle, index, value))
        } else {
            try check(unsafe sqlite3_bind_null(handle, index))
        }
    }

    /// Sets a parameter to a copy of the bytes.
    func bind(_ bytes: [UInt8], at index: Int32) throws(SQLiteError) {
        // The address of an empty array may be null, which would bind NULL.
        let code =
            bytes.isEmpty
            ? unsafe sqlite3_bind_zeroblob(handle, index, 0)
            : unsafe bytes.withUnsafeBytes { bytes in
                unsafe sqlite3_bind_blob64(
                    handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
            }
        try check(code)
    }

    /// Sets a parameter to a copy of the text.
    func bind(_ text: String, at index: Int32) throws(SQLiteError) {
        let code =
            text.isEmpty
            ? unsafe sqlite3_bind_text(handle, index, "", 0, Self.copied)
            : unsafe text.utf8Span.span.withUnsafeBufferPointer { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                    unsafe sqlite3_bind_text64(
                        handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied,
                        UInt8(SQLITE_UTF8))
                }
            }
        try check(code)
    }

    /// Runs to the end; rows are passed over.
    func run() throws(SQLiteError) {
        defer { unsafe _ = sqlite3_reset(handle) }
        while try step() {}
    }

    /// Runs to the end and reads the first row; nil without one.
    func first<Value>(_ read: (SQLiteStatement) -> Value) throws(SQLiteError) -> Value? {
        defer { unsafe _ = sqlite3_reset(handle) }
        guard try step() else { return nil }
        let value = read(self)
        while try step() {}
        return value
    }

    /// Runs to the end and reads every row.
    func forEach(_ read: (SQLiteStatement) -> Void) throws(SQLiteError) {
        defer { unsafe _ = sqlite3_reset(handle) }
        while try step() { read(self) }
    }

    /// Reads row after row until one is refused; the rest is left alone.
    func forEach(while read: (SQLiteStatement) -> Bool) throws(SQLiteError) {
        defer { unsafe _ = sqlite3_reset(handle) }
        while try step(), read(self) {}
    }

    /// A column of the current row; 0 for NULL.
    func int64(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// A copy of a column of the current row; empty for NULL.
    func bytes(_ column: Int32) -> [UInt8] {
        // The pointer comes first: asking for it may convert, which changes the count.
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A copy of a column of the current row; empty for NULL.
    func text(_ column: Int32) -> String {
        let start = unsafe sqlite3_column_text(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// True where a column of the current row is NULL.
    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    private func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            throw unsafe SQLiteError(code: code, connection: sqlite3_db_handle(handle))
        }
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else {
            throw unsafe SQLiteError(code: code, connection: sqlite3_db_handle(handle))
        }
    }

    /// SQLITE_TRANSIENT, a cast that Swift doesn't import: SQLite copies what is bound.
    private static var copied: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}

extension SQLiteError {
    /// Takes the words of the last call on the connection, or the code's own without one.
    fileprivate init(code: Int32, connection: OpaquePointer?) {
        let words = unsafe connection.map { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        unsafe self.init(code: code, words: words.map { unsafe String(cString: $0) } ?? "")
    }
}
