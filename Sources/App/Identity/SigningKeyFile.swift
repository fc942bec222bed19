import Transport

/// The file in the data directory that holds the signing keys, mode 0600.
package enum SigningKeyFile {
    /// The keys in the file, which is made with one new key where there is none. A file that anyone
    /// but its owner may read or write is refused.
    package static func load(
        path: String, random: RandomBytes = SystemRandom.bytes
    ) throws(SigningKeyError) -> SigningKeys {
        if let bytes = try read(path) { return try SigningKeyList.keys(in: bytes, at: path) }

        do {
            try PrivateFile.create(path, SigningKeyList.made(random: random))
        } catch {
            throw .file(path: path, reason: error.reason)
        }
        // Reading back settles a race: whichever process made the file, all use what is in it.
        guard let bytes = try read(path) else {
            throw .file(path: path, reason: "gone right after it was made")
        }
        return try SigningKeyList.keys(in: bytes, at: path)
    }

    /// The file as a part of what is copied between storages, mode 0600 there, too.
    package static func archived(path: String) -> ArchiveKeyFile {
        ArchiveKeyFile(
            of: StoredSigningKeys.key,
            read: {
                guard let bytes = try read(path) else { return nil }
                _ = try SigningKeyList.keys(in: bytes, at: path)
                return bytes
            },
            create: { try PrivateFile.create(path, $0) }, remove: { try PrivateFile.remove(path) })
    }

    private static func read(_ path: String) throws(SigningKeyError) -> [UInt8]? {
        let file: PrivateFile.Content?
        do {
            file = try PrivateFile.read(path, bytesMax: SigningKeyList.bytesMax)
        } catch {
            throw .file(path: path, reason: error.reason)
        }
        guard let file else { return nil }
        guard file.mode & 0o077 == 0 else {
            throw .fileOpenToOthers(path: path, mode: file.mode)
        }
        return file.bytes
    }
}
