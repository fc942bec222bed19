import Testing
import Transport

struct MultipartParserTests {
    private typealias Form = MultipartReading

    @Test func `reads fields and files in their order`() {
        let form = Form(
            Form.field("title", "강아지") + Form.file("imageFiles", "a.png", "PNG\r\n--x")
                + "--b--\r\n")
        #expect(form.error == nil)
        #expect(form.parts == ["title|-|-|강아지.", "imageFiles|a.png|image/png|PNG\r\n--x."])
    }

    @Test func `reads parts without content, and a form without parts`() {
        #expect(Form(Form.field("a", "") + "--b--").parts == ["a|-|-|."])
        #expect(Form("--b--") == Form("preamble\r\n--b--\r\nepilogue"))
        #expect(Form("--b--").error == nil)
    }

    @Test(arguments: [
        "--b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "", "--c--", "x--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b", "--b-",
    ])
    func `a form that does not end is truncated`(text: String) {
        #expect(Form(text).error == .truncated)
    }

    @Test func `takes nothing for a delimiter that is none`() {
        let content = "\r\n--\r\r\n--c\r\n-b\n--b\r--b"
        #expect(Form(Form.field("a", content) + "--b--").error == .fieldTooLarge(name: "a"))
        let form = Form(Form.file("a", "f", content) + "--b--")
        #expect(form.parts == ["a|f|image/png|\(content)."])
    }

    @Test func `takes white space behind a delimiter, and nothing else`() {
        #expect(
            Form("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--").error == nil)
        #expect(Form("--bc\r\n\r\n").error == .invalidDelimiter)
        #expect(Form("--b\n\r\n").error == .invalidDelimiter)
    }

    @Test(arguments: [
        ("form-data; name=a; filename=\"x\\\"y\\\\z.png\"", "a|x\"y\\z.png|-|."),
        ("FORM-DATA; Name=\"a b\"; FileName=c.png;", "a b|c.png|-|."),
        ("form-data; name=\"a\"; filename=\"C:\\dir\\x.png\"", "a|C:\\dir\\x.png|-|."),
        ("form-data; name=\"사진\"; filename=\"\"", "사진||-|."),
        ("form-data; name=\"\"; filename*=UTF-8''x", "|-|-|."),
    ])
    func `reads names as browsers write them`(disposition: String, part: String) {
        let form = Form(Form.part("Content-Disposition: \(disposition)", "") + "--b--")
        #expect(form.parts == [part])
    }

    @Test(arguments: [
        "Content-Type: text/plain", "Content-Disposition: attachment; name=a",
        "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name=a; name=b",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
        "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64",
    ])
    func `refuses parts that can't be told what they are`(headers: String) {
        #expect(Form(Form.part(headers, "") + "--b--").error == .invalidPart)
    }

    @Test(arguments: [
        "no colon", " folded: a", "A: \u{1}", "A: " + String(repeating: "x", count: 128),
    ])
    func `refuses headers that are none, or too long`(headers: String) {
        #expect(Form(Form.part(headers, "") + "--b--").error == .invalidHeaders)
    }

    @Test func `holds a form to each of its limits`() {
        let fields = String(repeating: Form.field("a", ""), count: 3)
        #expect(Form(fields + "--b--").error == nil)
        #expect(Form(fields + Form.field("a", "") + "--b--").error == .tooManyParts)
        let long = String(repeating: "x", count: 17)
        #expect(Form(Form.field("a", long) + "--b--").error == .fieldTooLarge(name: "a"))
        #expect(Form(Form.file("a", "f", long) + "--b--").error == nil)
        let longer = String(repeating: "x", count: 65)
        #expect(Form(Form.file("a", "f", longer) + "--b--").error == .fileTooLarge(name: "a"))
        let preamble = String(repeating: "x", count: 129)
        #expect(Form(preamble + "\r\n--b--").error == .invalidHeaders)
        #expect(Form("--b--" + String(repeating: "x", count: 1_019)).error == nil)
        #expect(Form("--b--" + String(repeating: "x", count: 1_020)).error == .bodyTooLarge)
    }

    @Test func `hands over a large file without keeping it`() throws {
        let limits = MultipartLimits(
            partCountMax: 1, fieldBytesMax: 1, fileBytesMax: 1 << 30, bytesMax: 1 << 30)
        var parser = try #require(
            MultipartParser(contentType: "multipart/form-data; boundary=b", limits: limits))
        let head = "--b\r\nContent-Disposition: form-data; name=a; filename=f\r\n\r\n"
        parser.append(Array(head.utf8).span)
        let piece = [UInt8](repeating: 13, count: 65_536)
        var count = 0
        for _ in 0..<64 {
            parser.append(piece.span)
            while let event = try parser.next() {
                if case .data(let bytes) = event { count += bytes.count }
            }
        }
        // What might be the start of a delimiter is all that waits.
        #expect(count >= 64 * piece.count - 4)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/mixed; boundary=a", "text/plain; boundary=a",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"\(String(repeating: "a", count: 71))\"",
    ])
    func `needs a form with a boundary`(contentType: String) {
        #expect(MultipartParser(contentType: contentType, limits: Form.limits) == nil)
    }
}

/// A parser that sees the same bytes says the same, however they arrive.
struct MultipartChunkingTests {
    static let forms = [
        MultipartReading.field("a", "1") + MultipartReading.file("b", "f", "\r\n--\r\n-b")
            + "--b--",
        "preamble\r\n\r\n--b  \r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--epilogue\r\n--b",
        MultipartReading.field("a", "\r\r\n\r\n--\r\n--c") + "--b--\r\n",
    ]

    static let refused = [
        "", "--b", "--b\r\n\r\n", "--b\n", "--b--" + String(repeating: "x", count: 2_000),
        String(repeating: "x", count: 2_000), MultipartReading.field("a", "0123456789abcdef!"),
        MultipartReading.file("a", "f", String(repeating: "y", count: 100)) + "--b--",
        String(repeating: MultipartReading.field("a", ""), count: 5),
        MultipartReading.part("a\u{1}", ""),
    ]

    @Test(arguments: forms + refused)
    func `reads a form split at every byte as it reads it whole`(text: String) {
        let whole = MultipartReading(text)
        for chunkBytes in [1, 2, 3, 7] {
            #expect(MultipartReading(text, chunkBytes: chunkBytes) == whole)
        }
    }

    @Test(arguments: forms + refused)
    func `reads a form cut in two anywhere`(text: String) {
        let whole = MultipartReading(text)
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            #expect(MultipartReading([Array(bytes[..<place]), Array(bytes[place...])]) == whole)
        }
    }
}
