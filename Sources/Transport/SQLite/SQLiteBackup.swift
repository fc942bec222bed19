extension SQLiteDatabase {
    /// Copies the store of a directory into a new file, as it is at one moment, while others may
    /// read and write it. `file` must not exist.
    ///
    /// The copy begins a new epoch: what it is given after a restore must not be taken for what the
    /// original was given after the backup.
    public static func backUp(
        directory: String, to file: String, using random: inout some RandomNumberGenerator
    ) throws(SQLiteOpenError) {
        let source = directory + "/" + fileName
        let epoch = Int64(bitPattern: random.next() as UInt64)
        try SQLiteOpenError.naming(file) { () throws(SQLiteError) in
            let original = try SQLiteConnection(path: source, busyTimeoutMs: busyTimeoutMs)
            let copying = try original.prepare("VACUUM INTO ?1")
            try copying.bind(file, at: 1)
            try copying.run()
            let copy = try SQLiteConnection(path: file, busyTimeoutMs: busyTimeoutMs)
            try copy.execute("UPDATE meta SET value = \(epoch) WHERE name = 'epoch'")
        }
    }
}
