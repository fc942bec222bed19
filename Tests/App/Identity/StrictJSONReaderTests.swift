import Testing

@testable import App

struct StrictJSONReaderTests {
    @Test(arguments: [
        (#""""#, ""), (#" "plain" "#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u00e9\ud83d\ude00 é😀""#, "é😀 é😀"), (#""a\u0000b""#, "a\0b"),
    ])
    func `reads strings and their escapes`(json: String, text: String) throws {
        var reader = StrictJSONReader(Array(json.utf8))
        #expect(try reader.string() == text)
        try reader.end()
    }

    @Test(arguments: [
        ("0", 0), ("-1", -1), ("1700000000", 1_700_000_000), ("1.9", 1), ("1.7e9", 1_700_000_000),
        ("9223372036854775807", Int64.max),
    ])
    func `reads numbers as whole ones`(json: String, number: Int64) throws {
        var reader = StrictJSONReader(Array(json.utf8))
        #expect(try reader.integer() == number)
        try reader.end()
    }

    @Test(arguments: ["01", "+1", "1.", ".5", "1e", "-", "1e400", "9223372036854775808", "0x1", ""])
    func `refuses what is no number or does not fit`(json: String) {
        #expect(throws: MalformedJSON.self) {
            var reader = StrictJSONReader(Array(json.utf8))
            _ = try reader.integer()
            try reader.end()
        }
    }

    @Test(arguments: [
        "", "{", "{}x", "{} {}", #"{"a":1"#, #"{"a":1,}"#, #"{"a" 1}"#, "{a:1}", #"{"a":tru}"#,
        #"{"a":[1,]}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#,
        #"{"a":"\ud800\u0041"}"#, "{\"a\":\"\n\"}", #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#,
        #"{"a":{"b":1,"b":2}}"#, #"{"a":[[[[[[[[1]]]]]]]]}"#,
    ])
    func `refuses what parsers disagree about`(json: String) {
        #expect(throws: MalformedJSON.self) { try skipObject(Array(json.utf8)) }
    }

    @Test func `refuses ill-formed UTF-8`() {
        #expect(throws: MalformedJSON.self) {
            try skipObject(Array(#"{"a":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8))
        }
    }

    @Test func `refuses an object with too many members`() {
        let members = (0..<65).map { #""\#($0)":0"# }.joined(separator: ",")
        #expect(throws: MalformedJSON.self) { try skipObject(Array("{\(members)}".utf8)) }
    }

    @Test func `refuses an object cut short at any byte`() throws {
        let json = Array(#"{"a":[1,-2.5e3,"\u00e9",true,false,null,{}],"b":"😀"}"#.utf8)
        try skipObject(json)
        for count in json.indices {
            #expect(throws: MalformedJSON.self) { try skipObject(Array(json[..<count])) }
        }
    }
}

private func skipObject(_ json: [UInt8]) throws(MalformedJSON) {
    var reader = StrictJSONReader(json)
    try reader.object { _, reader throws(MalformedJSON) in try reader.skip() }
    try reader.end()
}
