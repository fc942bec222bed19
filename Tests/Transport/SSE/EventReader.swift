/// An event as a client is told of it.
struct StreamEvent: Equatable {
    /// `message` where the stream gives no other name.
    var name = "message"
    var data: String
    /// What the client would come back with now.
    var lastID = ""
}

/// Reads event streams as browsers do (WHATWG HTML, "Interpreting an event stream"), in pieces of any
/// size.
struct EventReader {
    /// Comments that came.
    private(set) var commentCount = 0
    /// What the stream has last said of when to come back.
    private(set) var retryMs: Int?
    private var line: [UInt8] = []
    private var hasReturn = false
    private var name = ""
    private var data: [String] = []
    private var lastID = ""

    /// Takes bytes in, and returns the events that they complete.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for byte in bytes {
            let isPairsEnd = hasReturn && byte == UInt8(ascii: "\n")
            hasReturn = byte == UInt8(ascii: "\r")
            if isPairsEnd { continue }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                line.append(byte)
                continue
            }
            if line.isEmpty { take(&events) } else { take(String(decoding: line, as: UTF8.self)) }
            line = []
        }
        return events
    }

    private mutating func take(_ events: inout [StreamEvent]) {
        if !data.isEmpty {
            events.append(
                StreamEvent(
                    name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"),
                    lastID: lastID))
        }
        name = ""
        data = []
    }

    private mutating func take(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? String(parts[1]) : ""
        if value.hasPrefix(" ") { value.removeFirst() }
        switch parts[0] {
        case "": commentCount += 1
        case "event": name = value
        case "data": data.append(value)
        case "id" where !value.contains("\0"): lastID = value
        case "retry": retryMs = Int(value) ?? retryMs
        default: break
        }
    }
}
