import Testing

@testable import App

struct QuantityTests {
    @Test(
        arguments: [
            ("500ms", .milliseconds(500), "500ms"), ("30s", .seconds(30), "30s"),
            ("1000ms", .seconds(1), "1s"), ("90s", .seconds(90), "90s"), ("0s", .zero, "0s"),
            ("15m", .seconds(900), "15m"), ("24h", .seconds(86_400), "1d"),
            ("7d", .seconds(604_800), "7d"),
        ] as [(String, Duration, String)])
    func `a time is a number and its unit`(text: String, span: Duration, canonical: String) {
        #expect(TimeSpan.parse(text[...]) == span)
        #expect(TimeSpan.text(span) == canonical)
    }

    @Test(arguments: [
        "", "30", "s", "-1s", "+1s", "1.5s", "1 s", "1w", "1h30m", "99999999999999999999s",
        "9223372036854775807d", "٣s",
    ])
    func `refuses a time without its unit or out of range`(text: String) {
        #expect(TimeSpan.parse(text[...]) == nil)
    }

    @Test(arguments: [
        ("0", 0, "0"), ("1000", 1_000, "1000"), ("65536", 65_536, "64KiB"),
        ("64KiB", 65_536, "64KiB"), ("1MiB", 1_048_576, "1MiB"), ("2GiB", 2_147_483_648, "2GiB"),
    ])
    func `a size may have a unit`(text: String, bytes: Int, canonical: String) {
        #expect(ByteCount.parse(text) == bytes)
        #expect(ByteCount.text(bytes) == canonical)
    }

    @Test(arguments: ["", "KiB", "1 KiB", "1kb", "-1", "1.5MiB", "9223372036854775807KiB"])
    func `refuses a size with an unknown unit or out of range`(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }
}
