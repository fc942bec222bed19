extension SQLiteDatabase {
    /// Copies the store of a directory into a new file, as it is at one moment, while others may
    /// read and write it. A file that exists is not overwritten.
    public static func backUp(directory: String, to file: String) throws(SQLiteOpenError) {
        let path = directory + "/" + fileName
        try SQLiteOpenError.naming(file) { () throws(SQLiteError) in
            let connection = try SQLiteConnection(path: path, busyTimeoutMs: busyTimeoutMs)
            let statement = try connection.prepare("VACUUM INTO ?1")
            try statement.bind(file, at: 1)
            try statement.run()
        }
    }
}
