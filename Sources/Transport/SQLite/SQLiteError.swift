/// What SQLite said when it refused something.
struct SQLiteError: Error, CustomStringConvertible {
    /// The extended result code, <https://www.sqlite.org/rescode.html>.
    let code: Int32
    /// SQLite's own words.
    let words: String

    /// The low byte of the code, which names the kind of failure.
    var primaryCode: Int32 { code & 0xff }

    var description: String { "\(words) (SQLite \(code))" }
}

/// Why the embedded store can't be opened. Each reads as one line for the operator.
public enum SQLiteOpenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory can't be made, isn't one, or can't be written.
    case unusableDirectory(path: String, reason: String)
    /// The file is no SQLite database.
    case notADatabase(path: String)
    /// The file is a database of some other program.
    case foreignDatabase(path: String)
    /// The file was a database and is damaged.
    case corrupt(path: String, reason: String)
    /// A later version of PetNexus has written the file.
    case newerSchema(path: String, found: Int, known: Int)
    /// A copy from elsewhere was begun and not finished.
    case unfinishedCopy(directory: String)
    /// Whatever else keeps SQLite from opening or preparing the file: a full disk, an I/O error.
    case failed(path: String, reason: String)

    public var description: String {
        switch self {
        case .unusableDirectory(let path, let reason):
            "the data directory \(path) can't be used: \(reason)"
        case .notADatabase(let path):
            "\(path) is not a database"
        case .foreignDatabase(let path):
            "\(path) is the database of another program"
        case .corrupt(let path, let reason):
            "the database \(path) is damaged: \(reason)"
        case .newerSchema(let path, let found, let known):
            "the database \(path) has schema \(found), this version knows up to \(known)"
        case .unfinishedCopy(let directory):
            "\(directory) holds a copy that is not finished: run the same petnexus copy again"
        case .failed(let path, let reason):
            "the database \(path) can't be opened: \(reason)"
        }
    }
}

/// Why the database's threads did not do a piece of work.
enum SQLiteRefusal: Error, Sendable {
    /// More work waits than the bound allows.
    case overloaded
    /// SQLite failed, or the database is closed; with the reason.
    case unavailable(String)

    static let closed = SQLiteRefusal.unavailable("the database is closed")
}
