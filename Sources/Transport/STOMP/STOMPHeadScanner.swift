/// What stands before a frame's body.
struct STOMPHead: Sendable {
    let command: STOMPCommand
    let headers: STOMPHeaders
    /// The body's bytes where the sender announced them; never above the limit.
    let contentLength: Int?
}

/// Finds the end of a frame's head, line by line, and checks each line once. It keeps its place
/// between calls, so that a head which arrives byte by byte is not read again from its start.
///
/// Errors depend on the bytes alone, not on how they are cut: every check is made on a complete
/// line, but for the limits and a NUL, which count from the first byte that breaks them.
struct STOMPHeadScanner: Sendable {
    /// Bytes of the head that were searched for a line end; offsets count from the frame's first
    /// byte. Once `scan` has returned a head, this is the head's size with the empty line.
    private(set) var searched = 0
    private var lineStart = 0
    private var headersStart = 0
    private var headerCount = 0
    private var traits = STOMPBytes.Traits()
    private var command: STOMPCommand?
    private var contentLength: Int?
    private var hasAcceptVersion = false

    /// Reads on in `input`, whose byte at `start` is the frame's first in every call. Nil when the
    /// head's end is not there yet.
    mutating func scan(
        _ input: Span<UInt8>, from start: Int, version: STOMPVersion?, limits: STOMPLimits
    ) throws(STOMPError) -> STOMPHead? {
        if command == nil { try scanCommand(input, from: start, version) }
        guard let command else { return nil }
        let coding = STOMPHeaderCoding(command, in: version)
        while true {
            let headBytesLeft = limits.headBytesMax &- lineStart
            let line =
                if limits.headerBytesMax <= headBytesLeft {
                    try nextLine(
                        in: input, from: start, bytesMax: limits.headerBytesMax,
                        orThrow: .tooLarge(.headerBytes))
                } else {
                    try nextLine(
                        in: input, from: start, bytesMax: headBytesLeft,
                        orThrow: .tooLarge(.headBytes))
                }
            guard let line else { return nil }
            let content = STOMPHeaderLine.content(line, in: input, coding)
            if content.isEmpty {
                let lines = input.extracting(start &+ headersStart..<line.lowerBound)
                return try head(command, lines, coding)
            }
            try checkHeader(content, in: input, command, coding, limits)
        }
    }

    /// Reads the frame's first line. A version without CR LF is the only one that minds it here.
    private mutating func scanCommand(
        _ input: Span<UInt8>, from start: Int, _ version: STOMPVersion?
    ) throws(STOMPError) {
        let line = try nextLine(
            in: input, from: start, bytesMax: STOMPCommand.bytesMax &+ 1, orThrow: .unknownCommand)
        guard let line else { return }
        let coding: STOMPHeaderCoding = version == .v11 ? .v11 : .connecting
        let word = STOMPHeaderLine.content(line, in: input, coding)
        command = STOMPCommand(line: input.extracting(word))
        guard command != nil else { throw .unknownCommand }
        headersStart = lineStart
    }

    /// Goes on to the next line feed; the range before it, or nil when it is not there yet. A line
    /// is refused at its first byte too many, complete or not.
    private mutating func nextLine(
        in input: Span<UInt8>, from start: Int, bytesMax: Int, orThrow error: STOMPError
    ) throws(STOMPError) -> Range<Int>? {
        if searched == lineStart { traits.startLine() }
        let end = STOMPBytes.lineEnd(in: input, from: start &+ searched, &traits)
        searched = (end ?? input.count) &- start
        guard searched &- lineStart <= bytesMax else { throw error }
        guard let end else { return nil }
        guard input[end] != 0 else { throw .nulInHead }
        let line = start &+ lineStart..<end
        searched &+= 1
        lineStart = searched
        return line
    }

    private mutating func checkHeader(
        _ content: Range<Int>, in input: Span<UInt8>, _ command: STOMPCommand,
        _ coding: STOMPHeaderCoding, _ limits: STOMPLimits
    ) throws(STOMPError) {
        headerCount &+= 1
        guard headerCount <= limits.headerCountMax else { throw .tooLarge(.headerCount) }
        guard let header = STOMPHeaderLine(content, in: input, coding) else {
            throw .headerWithoutColon
        }
        guard !header.name.isEmpty else { throw .emptyHeaderName }
        if traits.mayHoldSpecials { try checkSpecials(content, in: input, coding) }
        guard header.name.count == Self.namesOfInterestBytes else { return }
        let name = input.extracting(header.name)
        if contentLength == nil, STOMPBytes.equal(name, "content-length".utf8.span) {
            contentLength = try length(input.extracting(header.value), of: command, limits)
        } else if STOMPBytes.equal(name, "accept-version".utf8.span) {
            hasAcceptVersion = true
        }
    }

    /// `content-length` and `accept-version` are equally long.
    private static let namesOfInterestBytes = 14

    /// Refuses undefined escape sequences and lone carriage returns.
    private func checkSpecials(
        _ line: Range<Int>, in input: Span<UInt8>, _ coding: STOMPHeaderCoding
    ) throws(STOMPError) {
        var index = line.lowerBound
        while index < line.upperBound {
            switch input[index] {
            case UInt8(ascii: "\r") where coding.takesCarriageReturn:
                throw .strayCarriageReturn
            case UInt8(ascii: "\\") where coding.escapes:
                guard index &+ 1 < line.upperBound, coding.unescaped(input[index &+ 1]) != nil
                else { throw .badEscape }
                index &+= 2
            default:
                index &+= 1
            }
        }
    }

    /// Reads the value of `content-length`. Any number above the limit is too large, however many
    /// digits it has.
    private func length(
        _ digits: Span<UInt8>, of command: STOMPCommand, _ limits: STOMPLimits
    ) throws(STOMPError) -> Int {
        guard !digits.isEmpty else { throw .badContentLength }
        var length = 0
        for index in digits.indices {
            let digit = Int(digits[index]) &- Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { throw .badContentLength }
            if length <= limits.bodyBytesMax { length = length * 10 + digit }
        }
        guard length == 0 || command.mayHaveBody else { throw .bodyNotAllowed(command) }
        guard length <= limits.bodyBytesMax else { throw .tooLarge(.bodyBytes) }
        return length
    }

    private func head(
        _ command: STOMPCommand, _ lines: Span<UInt8>, _ coding: STOMPHeaderCoding
    ) throws(STOMPError) -> STOMPHead {
        if traits.mayHoldNonASCII {
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: lines)
            } catch {
                throw .headNotUTF8
            }
        }
        // A client that names no versions speaks 1.0, whose clients pad their headers.
        let isFirstVersion = (command == .connect || command == .stomp) && !hasAcceptVersion
        return STOMPHead(
            command: command,
            headers: STOMPHeaders(
                lines: STOMPBytes.copy(lines), coding: isFirstVersion ? .v10 : coding),
            contentLength: contentLength)
    }
}
