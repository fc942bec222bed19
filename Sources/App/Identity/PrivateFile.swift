import Glibc

/// Small files for the owner's eyes only: created with mode 0600 from their first instant, and
/// either complete or not there at all, whenever the process dies.
///
/// A seam to the system's calls. The pointers live as long as the call they are passed to, and each
/// descriptor is closed by the function that opened it.
enum PrivateFile {
    /// A system call that failed.
    struct Failure: Error, Hashable {
        /// The call and the system's words.
        let reason: String

        fileprivate init(_ call: String, code: Int32 = errno) {
            self.reason = "\(call): \(unsafe String(cString: strerror(code)))"
        }

        fileprivate init(reason: String) {
            self.reason = reason
        }
    }

    /// What is in a file and who may get at it.
    struct Content {
        let bytes: [UInt8]
        /// The permission bits.
        let mode: UInt32
    }

    /// Reads a regular file of at most `bytesMax`; nil where there is none.
    static func read(_ path: String, bytesMax: Int) throws(Failure) -> Content? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("open")
        }
        defer { close(descriptor) }
        // The open file is asked, not the path, which could name another one by now.
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(reason: "not a regular file")
        }
        guard status.st_size <= bytesMax else {
            throw Failure(reason: "larger than \(bytesMax) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
            }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw count < 0 ? Failure("read") : Failure(reason: "shrank while it was read")
            }
            filled += count
        }
        return Content(bytes: bytes, mode: status.st_mode & 0o7777)
    }

    /// Makes the file, durably, unless something goes by that name already: then it changes nothing.
    static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let draft = "\(path).\(getpid())"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("open") }
        defer {
            close(descriptor)
            unsafe unlink(draft)
        }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw Failure("write")
            }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw Failure("fsync") }
        guard unsafe link(draft, path) == 0 || errno == EEXIST else { throw Failure("link") }
        try syncDirectory(of: path)
    }

    /// Removes the file, durably, where there is one.
    static func remove(_ path: String) throws(Failure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw Failure("unlink") }
        try syncDirectory(of: path)
    }

    /// Makes the names in the file's directory survive a power cut.
    private static func syncDirectory(of path: String) throws(Failure) {
        let parent = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        let descriptor = unsafe open(String(parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure("fsync") }
    }
}
