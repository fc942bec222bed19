import Transport

/// A text that can't be a setting's value, and why; the reason reads after the text: `must be …`.
struct UnusableValue: Error, Equatable {
    let text: String
    let reason: String
}

/// How the values of a setting are written: the way from text to a typed value and back.
struct ValueForm<Value>: Sendable {
    /// What stands for the value in help; nil for a switch.
    let placeholder: String?
    var isSecret = false
    let parse: @Sendable (String) throws(UnusableValue) -> Value
    /// The text that `parse` reads as an equal value, unless the value is a secret.
    let text: @Sendable (Value) -> String

    /// A form that `read` decides, refusing what it answers nil to as not `expected`.
    static func reading(
        _ placeholder: String?, expected: String, isSecret: Bool = false,
        _ read: @escaping @Sendable (String) -> Value?,
        text: @escaping @Sendable (Value) -> String
    ) -> ValueForm {
        ValueForm(
            placeholder: placeholder, isSecret: isSecret,
            parse: { (text) throws(UnusableValue) in
                guard let value = read(text) else {
                    throw UnusableValue(text: text, reason: "must be \(expected)")
                }
                return value
            },
            text: text)
    }

    /// The same values, or none, which is written as `word`.
    func orAbsent(as word: String) -> ValueForm<Value?> {
        ValueForm<Value?>(
            placeholder: placeholder, isSecret: isSecret,
            parse: { (text) throws(UnusableValue) in text == word ? nil : try parse(text) },
            text: { $0.map(text) ?? word })
    }
}

extension ValueForm<Bool> {
    /// `true` or `false`; as a flag it needs no value.
    static let toggle = reading(
        nil, expected: "true or false", { Bool($0) }, text: { String($0) })
}

extension ValueForm<Int> {
    /// A whole number in `range`.
    static func count(_ range: ClosedRange<Int>) -> Self {
        reading(
            "N", expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            { text in wholeNumber(text[...]).flatMap { range.contains($0) ? $0 : nil } },
            text: { String($0) })
    }

    /// A TCP port, 0 included.
    static let port = count(0...65_535)

    /// A number of bytes in `range`, plain or with a unit: `65536`, `64KiB`, `1MiB`, `2GiB`.
    static func bytes(_ range: ClosedRange<Int>) -> Self {
        let bounds = "\(ByteCount.text(range.lowerBound)) to \(ByteCount.text(range.upperBound))"
        return reading(
            "BYTES", expected: "a size from \(bounds), such as 65536, 64KiB or 1MiB",
            { text in ByteCount.parse(text).flatMap { range.contains($0) ? $0 : nil } },
            text: { ByteCount.text($0) })
    }
}

extension ValueForm<Duration> {
    /// A span of time in `range`, with its unit.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let bounds = "\(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound))"
        return reading(
            "TIME", expected: "a time from \(bounds) with its unit, such as 500ms, 30s, 15m or 7d",
            { text in TimeSpan.parse(text[...]).flatMap { range.contains($0) ? $0 : nil } },
            text: { TimeSpan.text($0) })
    }
}

extension ValueForm<String> {
    /// A path in the file system.
    static let path = reading(
        "DIR", expected: "a path", { $0.isEmpty || $0.contains("\0") ? nil : $0 }, text: { $0 })
}

extension ValueForm<String> {
    /// The beginning of names in Redis. Braces would decide which server of several has a key.
    static let keyPrefix = reading(
        "PREFIX", expected: "1 to 64 visible ASCII characters other than { and }",
        { isPlain($0) && !$0.contains { "{}".contains($0) } ? $0 : nil }, text: { $0 })

    /// A name that stands in a header field.
    static let nodeName = reading(
        "NAME", expected: "1 to 64 visible ASCII characters", { isPlain($0) ? $0 : nil },
        text: { $0 })

    private static func isPlain(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension ValueForm<RedisURL> {
    /// Where a Redis server is. It may hold a password, and shows a mask in its place.
    static let redisURL = ValueForm(
        placeholder: "URL", isSecret: true,
        parse: { (text) throws(UnusableValue) in
            do {
                return try RedisURL(text)
            } catch {
                throw UnusableValue(text: text, reason: "is no URL of Redis: \(error)")
            }
        },
        text: { $0.description })
}

extension ValueForm<String> {
    /// The name of a bucket, or of a region: letters, digits, dots and hyphens.
    static let bucketName = reading(
        "NAME", expected: "3 to 63 small letters, digits, '.' and '-'",
        { text in
            let isPlain = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            return isPlain && (3...63).contains(text.utf8.count) ? text : nil
        }, text: { $0 })
}

extension ValueForm<Secret> {
    /// A secret of at least `bytesMin` bytes.
    static func secret(bytesMin: Int) -> Self {
        reading(
            "SECRET", expected: "\(bytesMin) bytes or longer", isSecret: true,
            { $0.utf8.count >= bytesMin ? Secret($0) : nil }, text: { $0.description })
    }
}

extension ValueForm<IPAddress> {
    /// An IP address, or `localhost`.
    static let address = reading(
        "ADDRESS", expected: "an IP address such as 127.0.0.1 or ::1",
        { IPAddress($0 == "localhost" ? "127.0.0.1" : $0[...]) }, text: { $0.description })
}

extension ValueForm<CIDR> {
    /// A range of addresses.
    static let cidr = reading(
        "CIDR",
        expected: "an IP address, or a range such as 10.0.0.0/8 with no bits set below its prefix",
        { CIDR($0) }, text: { $0.description })
}

extension ValueForm<WebOrigin> {
    /// A web origin.
    static let origin = reading(
        "ORIGIN", expected: "an origin such as https://pets.example, without a path",
        { WebOrigin($0) }, text: { $0.text })
}

extension ValueForm<TopicRule> {
    /// A pattern of topic names and what they keep.
    static let topicRule = reading(
        "RULE", expected: "a rule such as news.**=history:1000,age:7d",
        { TopicRule($0) }, text: { $0.description })
}

extension ValueForm<LogLevel> {
    /// A level by its name.
    static let logLevel = reading(
        "LEVEL", expected: "debug, info, warning or error",
        { LogLevel(rawValue: $0) }, text: { $0.rawValue })
}
