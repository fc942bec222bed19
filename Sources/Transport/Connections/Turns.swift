import Engine

/// How the loop's time is shared out: in one turn, a connection may make the loop do only so much.
/// The rest of what it has sent waits for the next turn, when everybody else has had theirs, and
/// meanwhile it is not read. A few bytes can mean a lot of work, such as a compressed message of
/// thousands of frames; nobody's flood is another's delay.
extension Reactor {
    /// Events of a turn: frames, messages, control frames.
    private static let turnCreditMax = 64
    /// Bytes that count as much as an event.
    static let bytesPerCredit = 512

    /// Bytes that are read of a connection at a time, while it sends frames of hardly anything. Frames
    /// are taken apart as they arrive, before any credit is asked for.
    static let crumbsReadMax = 2_048

    /// Whether bytes are cut into so many frames that taking them apart is the work they make.
    static func isCrumbs(_ frameCount: Int, in byteCount: Int) -> Bool {
        frameCount > turnCreditMax && frameCount > byteCount / 64
    }

    /// Gives the connection whose turn begins its whole credit.
    func beginTurn() {
        turnCredit = Self.turnCreditMax
    }

    /// Puts off what the connection has sent beyond its credit.
    func yield(_ connection: Connection) {
        guard !connection.isYielding, case .open = connection.phase else { return }
        connection.isYielding = true
        setReading(false, of: connection)
        yielding.append(connection.endpoint)
    }

    /// Goes on with what was put off in the turn before.
    func resumeYielding() {
        guard !yielding.isEmpty else { return }
        for endpoint in exchange(&yielding, with: []) {
            guard let connection = connection(at: endpoint) else { continue }
            connection.isYielding = false
            setReading(true, of: connection)
            resume(connection)
        }
    }
}

extension Connection {
    /// Bytes that are read of it at a time.
    var readBytesMax: Int { readsLittle ? Reactor.crumbsReadMax : .max }
}
