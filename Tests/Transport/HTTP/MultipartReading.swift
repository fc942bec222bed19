import Transport

/// What a server reads of a form, apart from how its data was cut: neighbouring pieces are one. Two
/// readings of the same bytes are equal, however the bytes arrived.
struct MultipartReading: Equatable {
    var events: [MultipartEvent] = []
    var error: MultipartError?

    static let limits = MultipartLimits(
        partCountMax: 3, headerBytesMax: 128, fieldBytesMax: 16, fileBytesMax: 64, bytesMax: 1_024)

    /// `chunkBytes` is how many bytes arrive at a time; nil: all at once.
    init(
        _ text: String, boundary: String = "b", chunkBytes: Int? = nil,
        limits: MultipartLimits = Self.limits
    ) {
        self.init(
            HTTPReading.pieces(of: Array(text.utf8), pieceBytes: chunkBytes), boundary: boundary,
            limits: limits)
    }

    init(_ chunks: [[UInt8]], boundary: String = "b", limits: MultipartLimits = Self.limits) {
        guard
            var parser = MultipartParser(
                contentType: "multipart/form-data; boundary=\"\(boundary)\"", limits: limits)
        else { preconditionFailure("the boundary can't be one") }
        do throws(MultipartError) {
            for chunk in chunks {
                parser.append(chunk.span)
                while let event = try parser.next() { append(event) }
            }
            try parser.finish()
        } catch {
            self.error = error
        }
    }

    private mutating func append(_ event: MultipartEvent) {
        if case .data(let new) = event, case .data(let old)? = events.last {
            events[events.count - 1] = .data(old + new)
        } else {
            events.append(event)
        }
    }

    /// Names, file names and contents, in words.
    var parts: [String] {
        var parts: [String] = []
        for event in events {
            switch event {
            case .part(let part):
                parts.append("\(part.name)|\(part.fileName ?? "-")|\(part.contentType ?? "-")|")
            case .data(let bytes):
                parts[parts.count - 1] += String(decoding: bytes, as: UTF8.self)
            case .end: parts[parts.count - 1] += "."
            }
        }
        return parts
    }

    /// A part with these header lines behind the delimiter.
    static func part(_ headers: String, _ content: String) -> String {
        "--b\r\n\(headers)\r\n\r\n\(content)\r\n"
    }

    static func field(_ name: String, _ content: String) -> String {
        part("Content-Disposition: form-data; name=\"\(name)\"", content)
    }

    static func file(_ name: String, _ fileName: String, _ content: String) -> String {
        part(
            "Content-Disposition: form-data; name=\"\(name)\"; filename=\"\(fileName)\"\r\n"
                + "Content-Type: image/png", content)
    }
}
