import Glibc
import Transport

/// An open file with one owner: it is closed with it. Its calls block.
///
/// A seam to the system's calls. The pointers live as long as the call they are passed to.
final class OpenFile: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Opens a regular file to be read; nil where there is none.
    static func read(_ path: String) throws(SystemError) -> OpenFile? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError("open \(path)", code: errno)
        }
        let file = OpenFile(descriptor: descriptor)
        return try file.status().st_mode & S_IFMT == S_IFREG ? file : nil
    }

    /// Makes a file that was not there, to be written.
    static func create(_ path: String) throws(SystemError) -> OpenFile {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)", code: errno) }
        return OpenFile(descriptor: descriptor)
    }

    /// How long it is.
    func byteCount() throws(SystemError) -> Int { Int(try status().st_size) }

    /// The bytes from `offset` on, up to `count` of them; fewer where the file ends.
    func read(from offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let result = unsafe pread(
                    descriptor, buffer.baseAddress! + filled, count - filled, offset + filled)
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = errno }
                guard result > 0 else { return }
                filled += result
            }
        }
        guard failure == 0 else { throw SystemError("read", code: failure) }
        return bytes
    }

    /// Writes all of the bytes at a place.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress! + written, buffer.count - written,
                    offset + written)
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw SystemError("write", code: result < 0 ? errno : EIO) }
            written += result
        }
    }

    /// Makes what was written survive a power cut.
    func sync() throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw SystemError("fsync", code: errno) }
    }

    /// Makes the names in a directory survive a power cut.
    static func syncDirectory(_ path: String) throws(SystemError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(path)", code: errno) }
        try OpenFile(descriptor: descriptor).sync()
    }

    private func status() throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw SystemError("fstat", code: errno)
        }
        return status
    }
}
