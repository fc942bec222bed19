import App
import Foundation
import Transport

/// `petnexus backup FILE`: a consistent copy of the store, also while a node serves from it.
struct BackupCommand {
    let configuration: Configuration

    func run(to file: String) throws(Failure) {
        if let server = configuration.redis.first {
            throw Failure(
                "the data is in \(server): back it up there, by its append-only file or BGSAVE, "
                    + "or copy it with petnexus copy")
        }
        let source = configuration.data + "/" + SQLiteDatabase.fileName
        guard FileManager.default.fileExists(atPath: source) else {
            throw Failure("there is no store in \(configuration.data)")
        }
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure("\(file) exists already")
        }
        var random = SystemRandomNumberGenerator()
        do {
            try SQLiteDatabase.backUp(
                directory: configuration.data, to: file, using: &random)
        } catch {
            throw Failure(error.description)
        }
        Console.say("backed up \(configuration.data) to \(file)\n")
    }
}
