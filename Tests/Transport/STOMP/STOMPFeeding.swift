import Transport

/// What a parser made of some bytes, as text that can be compared.
struct STOMPTranscript: Equatable, CustomStringConvertible {
    var events: [String] = []
    var error: STOMPError?

    var description: String { "\(events) \(error.map { "\($0)" } ?? "no error")" }
}

/// Feeds chunks to a parser as a session does. Without a version it is negotiated from CONNECT.
func feed(
    _ chunks: [[UInt8]], version: STOMPVersion? = nil, limits: STOMPLimits = STOMPLimits()
) -> STOMPTranscript {
    var parser = STOMPParser(limits: limits)
    parser.version = version
    var transcript = STOMPTranscript()
    for chunk in chunks {
        parser.append(chunk.span)
        do throws(STOMPError) {
            while let event = try parser.next() {
                transcript.events.append(describe(event))
                guard case .frame(let frame) = event, version == nil, frame.command == .connect
                else { continue }
                parser.version = STOMPVersion.negotiate(
                    acceptVersion: frame.headers.value(of: "accept-version"))
            }
        } catch {
            transcript.error = error
            return transcript
        }
    }
    return transcript
}

/// Feeds a text whole.
func feed(
    _ text: String, version: STOMPVersion? = nil, limits: STOMPLimits = STOMPLimits()
) -> STOMPTranscript {
    feed([Array(text.utf8)], version: version, limits: limits)
}

/// The frames of a text that holds nothing else.
func frames(_ text: String, version: STOMPVersion?) throws -> [STOMPFrame] {
    var parser = STOMPParser()
    parser.version = version
    parser.append(text.utf8.span)
    var frames: [STOMPFrame] = []
    while let event = try parser.next() {
        if case .frame(let frame) = event { frames.append(frame) }
    }
    return frames
}

func encoded(_ frame: STOMPFrame, _ version: STOMPVersion) -> String {
    var bytes: [UInt8] = []
    STOMPEncoder.encode(frame, version: version, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

/// `SEND destination=/a|body`, or a dot for a heart-beat.
func describe(_ event: STOMPEvent) -> String {
    switch event {
    case .heartBeat:
        "."
    case .frame(let frame):
        frame.command.text
            + frame.headers.pairs.map { " \($0.name)=\($0.value)" }.joined()
            + "|" + String(decoding: frame.body, as: UTF8.self)
    }
}
