/// Answers reads over a connection of its own, which sees every commit that was done before.
struct SQLiteReader {
    let streams: SQLiteStreamReader
    let records: SQLiteRecordReader

    private let connection: SQLiteConnection
    private let begin: SQLiteStatement
    private let end: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        try connection.useWriteAheadLog()
        try connection.execute("PRAGMA query_only = ON")
        streams = try SQLiteStreamReader(connection)
        records = try SQLiteRecordReader(connection)
        begin = try connection.prepare("BEGIN")
        end = try connection.prepare("ROLLBACK")
        self.connection = connection
    }

    /// Runs `read` in a transaction, so that all its queries see one snapshot.
    func snapshot<Value>(
        _ read: (SQLiteReader) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        // An earlier snapshot that could not be ended would hide what was committed since.
        if connection.isInTransaction { try end.run() }
        try begin.run()
        let result = Result { () throws(SQLiteError) in try read(self) }
        try end.run()
        return try result.get()
    }
}
