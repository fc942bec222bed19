import Transport

/// Forms with files.
enum MultipartFuzz: FuzzTarget {
    static let name = "multipart"

    static let corpus: [[UInt8]] = [
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=a; filename=\"x.png\"\r\n"
            + "Content-Type: image/png\r\n\r\n\r\n--\r\n--a\r\n--b--",
        "pre\r\n--b \t\r\nContent-Disposition: form-data; name=\"q\\\"\"; filename=\"\"\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n\r\n--b\r\n"
            + "content-disposition: form-data; name=z\r\n\r\n0123456789\r\n--b--epilogue",
        "--b--",
    ].map { Array($0.utf8) }

    /// Small, so that mutations reach them.
    private static let limits = MultipartLimits(
        partCountMax: 4, headerBytesMax: 160, fieldBytesMax: 16, fileBytesMax: 48, bytesMax: 512)

    static func run(_ input: [UInt8], chunkSizes: [Int]) -> String {
        guard
            var parser = MultipartParser(
                contentType: "multipart/form-data; boundary=b", limits: limits)
        else { preconditionFailure("the boundary is one") }
        var transcript = Transcript()
        var start = 0
        do {
            for size in chunkSizes {
                parser.append(input.span.extracting(start..<(start + size)))
                start += size
                while let event = try parser.next() { transcript.add(event) }
            }
            try parser.finish()
            precondition(!transcript.isInPart, "the form ended within a part")
        } catch {
            precondition(throwsAgain(&parser), "forgot its error")
            return transcript.text + "\(error)"
        }
        return transcript.text
    }

    private static func throwsAgain(_ parser: inout MultipartParser) -> Bool {
        do {
            return try parser.next() != nil
        } catch {
            return true
        }
    }

    /// The events in words, pieces of data joined.
    private struct Transcript {
        private(set) var text = ""
        private(set) var isInPart = false
        private var partCount = 0
        private var data: [UInt8] = []
        private var dataBytesMax = 0

        mutating func add(_ event: MultipartEvent) {
            switch event {
            case .part(let part):
                precondition(!isInPart, "a part within a part")
                isInPart = true
                partCount += 1
                precondition(partCount <= limits.partCountMax, "too many parts")
                dataBytesMax = part.fileName == nil ? limits.fieldBytesMax : limits.fileBytesMax
                text += "part \(part.name) \(part.fileName ?? "-") \(part.contentType ?? "-"): "
            case .data(let bytes):
                precondition(isInPart && !bytes.isEmpty, "data out of place")
                data += bytes
                precondition(data.count <= dataBytesMax, "too much data")
                text += bytes.map { String($0, radix: 16) + " " }.joined()
            case .end:
                precondition(isInPart, "an end without a part")
                isInPart = false
                data = []
                text += "end\n"
            }
        }
    }
}
