import Glibc

/// The directory that holds a node's data. Nobody but its owner may look inside.
public enum DataDirectory {
    /// Makes the directory unless it exists; its parent must. Checks that files can be made in it.
    public static func prepare(_ path: String) throws(SQLiteOpenError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw refusal(path, errno) }
        // The dot makes this fail for anything that isn't a directory.
        guard unsafe access(path + "/.", R_OK | W_OK | X_OK) == 0 else {
            throw refusal(path, errno)
        }
    }

    private static func refusal(_ path: String, _ code: Int32) -> SQLiteOpenError {
        // The words for a known code are a constant text in the C library.
        let words = unsafe strerror(code).map { unsafe String(cString: $0) }
        return .unusableDirectory(path: path, reason: words ?? "error \(code)")
    }
}
