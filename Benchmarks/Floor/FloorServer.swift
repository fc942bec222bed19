import Measure
import Transport

/// The least a server of rooms can do: one thread, one `send` for each delivery, nothing parsed,
/// nothing checked, nothing kept.
///
/// A tick of the clock stands for the message that a real server would have read.
final class FloorServer {
    private let options: FloorOptions
    private let loop: EventLoop
    private let listener: Socket
    /// The members of room `r` are those whose place leaves `r` when divided by the rooms.
    private var members: [Socket] = []
    private var deliveryCount: Int64 = 0

    private static let listenerTag: UInt64 = 0

    /// What a run came to.
    struct Result {
        let deliveryCount: Int64
        let cpuUsPerDelivery: Double
    }

    /// Listens; `address` says where.
    init(_ options: FloorOptions) throws(SystemError) {
        self.options = options
        guard let address = SocketAddress(host: "127.0.0.1", port: options.port) else {
            preconditionFailure("the address is numeric")
        }
        loop = try EventLoop()
        listener = try Socket.listen(on: address)
        try loop.watch(listener.descriptor, for: .read, tag: Self.listenerTag)
    }

    /// Where it listens.
    var address: SocketAddress? { listener.localAddress }

    /// Waits for all members, sends for the duration, and says what that cost. Fails where a member
    /// does not keep up: the cost would then be another one.
    func run() throws(SystemError) -> Result {
        try welcomeAll()
        let schedule = Schedule(
            startUs: MonotonicClock.nowUs() + 500_000, ratePerSecond: options.ratePerSecond)
        let metronome = Metronome(waking: loop, everyUs: 50_000)
        metronome.retime(fromUs: schedule.startUs, everyUs: schedule.wakeIntervalUs)
        let endUs = schedule.startUs + options.durationUs
        var ready: [Readiness] = []
        var number: Int64 = 0
        var nowUs = MonotonicClock.nowUs()
        let cpuUsBefore = MonotonicClock.threadCPUUs()
        while nowUs < endUs {
            loop.turn(into: &ready)
            nowUs = MonotonicClock.nowUs()
            let dueCount = schedule.dueCount(atUs: min(nowUs, endUs - 1))
            if options.joinsTick {
                try sendJoined(number..<max(number, dueCount), schedule)
            } else {
                for message in number..<max(number, dueCount) {
                    try send(frame(of: message, schedule), toRoom: room(of: message), count: 1)
                }
            }
            number = max(number, dueCount)
        }
        let cpuUs = MonotonicClock.threadCPUUs() - cpuUsBefore
        return Result(
            deliveryCount: deliveryCount,
            cpuUsPerDelivery: Double(cpuUs) / Double(max(1, deliveryCount)))
    }

    // MARK: Welcoming

    /// Accepts connections and answers their upgrades until all members are there.
    private func welcomeAll() throws(SystemError) {
        var waiting: [UInt64: Visitor] = [:]
        var tagLast = Self.listenerTag
        var ready: [Readiness] = []
        while members.count < options.roomCount * options.memberCount {
            loop.turn(into: &ready)
            for readiness in ready {
                if readiness.tag == Self.listenerTag {
                    while case .connection(let descriptor, _) = listener.accept() {
                        tagLast += 1
                        waiting[tagLast] = Visitor(Socket(descriptor: descriptor))
                        try loop.watch(descriptor, for: .read, tag: tagLast)
                    }
                } else if let visitor = waiting[readiness.tag] {
                    let outcome = visitor.readRequest()
                    if outcome == .unfinished { continue }
                    // From here on it is only written to, or nothing any more.
                    loop.unwatch(visitor.socket.descriptor)
                    waiting[readiness.tag] = nil
                    if case .upgraded = outcome { members.append(visitor.socket) }
                }
            }
        }
    }

    // MARK: Sending

    private func room(of message: Int64) -> Int {
        Int(message % Int64(options.roomCount))
    }

    /// A text frame whose stamp numbers the messages of its room.
    private func frame(of message: Int64, _ schedule: Schedule) -> [UInt8] {
        let stamp = Stamp(
            run: 0, room: room(of: message), sender: 0,
            sequence: message / Int64(options.roomCount) + 1, dueUs: schedule.dueUs(message))
        let headBytes = options.frameBytes <= 127 ? 2 : 4
        var frame: [UInt8] = []
        WebSocketEncoder.frame(
            .text, payload: stamp.text(byteCount: options.frameBytes - headBytes), into: &frame)
        return frame
    }

    /// Sends all messages of a tick, those of one room in one piece.
    private func sendJoined(
        _ messages: Range<Int64>, _ schedule: Schedule
    ) throws(SystemError) {
        for first in messages.prefix(options.roomCount) {
            var batch: [UInt8] = []
            var count: Int64 = 0
            for message in stride(
                from: first, to: messages.upperBound, by: Int64.Stride(options.roomCount))
            {
                batch += frame(of: message, schedule)
                count += 1
            }
            try send(batch, toRoom: room(of: first), count: count)
        }
    }

    private func send(
        _ bytes: [UInt8], toRoom room: Int, count: Int64
    ) throws(SystemError) {
        var member = room
        while member < members.count {
            let descriptor = members[member].descriptor
            guard case .bytes(bytes.count) = Socket.send(descriptor, bytes) else {
                throw SystemError("keep up: a member did not read", code: 0)
            }
            deliveryCount += count
            member += options.roomCount
        }
    }
}
