import Measure
import Transport

/// One client: a socket and the dialogue on it.
///
/// Lives on the thread of its `ClientLoop`. Whatever goes wrong is thrown, and the loop closes it.
final class ClientConnection: DialogueListener {
    /// Its place among the clients, from 0. A client that comes back has the same.
    let index: Int
    /// What the kernel reports it under.
    let tag: UInt64
    let socket: Socket
    /// Whether its loop counts it among the live.
    var isCounted = false
    /// Whether its loop has it on the list of those to be flushed.
    var isUnflushed = false
    /// Whether it reads what comes. One that does not is what a server knows as a slow client.
    var isReading = true {
        didSet {
            // From the silence of one that did not listen nothing follows.
            if isReading { lastReceivedUs = MonotonicClock.nowUs() }
            watch(interest)
        }
    }
    /// Probes that were answered.
    private(set) var answerCount = 0
    /// Bytes received, everything included.
    private(set) var receivedBytes = 0
    private let dialogue: any Dialogue
    private let address: SocketAddress
    private let source: SocketAddress?
    private let loop: EventLoop
    private var isConnected = false
    private var lastSentUs: Int64 = 0
    private var lastReceivedUs: Int64
    private var outgoing: [UInt8] = []
    private var sentCount = 0
    private var interest = Interest.write
    /// While something is received: who hears of it, and when it came.
    private var observer: (any ClientObserver)?
    private var receivedAtUs: Int64 = 0

    /// Bytes that may wait for a server that doesn't read; beyond it, messages are not sent.
    private static let outgoingBytesMax = 4 << 20

    /// Starts to connect. `generation` tells the client from earlier ones with its index.
    init(
        index: Int, generation: UInt32, _ plan: ClientPlan, loop: EventLoop
    ) throws(SystemError) {
        self.index = index
        dialogue = plan.dialogue
        address = plan.address
        source = plan.source
        self.loop = loop
        tag = UInt64(generation) << 32 | UInt64(index)
        lastReceivedUs = MonotonicClock.nowUs()
        socket = try Socket.connect(
            to: address, from: plan.source, segmentBytesMax: plan.segmentBytesMax)
        try loop.watch(socket.descriptor, for: interest, tag: tag)
    }

    /// Whether it can be published on, and hears what is published.
    var isLive: Bool { dialogue.isLive }

    /// How to go on after the server has ended the connection; nil: not at all.
    var successor: ClientPlan? {
        dialogue.successor().map { ClientPlan(dialogue: $0, address: address, source: source) }
    }

    // MARK: Receiving

    /// Takes what was read from the socket, and tells the observer what it means.
    func receive(
        _ bytes: Span<UInt8>, atUs nowUs: Int64, for observer: any ClientObserver
    ) throws(ClientFailure) {
        lastReceivedUs = nowUs
        receivedAtUs = nowUs
        receivedBytes += bytes.count
        self.observer = observer
        defer { self.observer = nil }
        var replies: [UInt8] = []
        try dialogue.receive(bytes, replyingInto: &replies, telling: self)
        guard !replies.isEmpty else { return }
        outgoing += replies
        try flush()
    }

    func delivered(_ body: Span<UInt8>, position: Span<UInt8>) {
        observer?.delivered(body, position: position, on: self, atUs: receivedAtUs)
    }

    func counted(_ deliveryCount: Int) {
        observer?.counted(deliveryCount, on: self, atUs: receivedAtUs)
    }

    func acknowledged(_ receipt: Int64, position: Span<UInt8>) {
        observer?.acknowledged(receipt, position: position, on: self, atUs: receivedAtUs)
    }

    func refused(_ reason: String) {
        observer?.refused(reason, on: self)
    }

    func resumed(_ answer: String) {
        observer?.resumed(answer, on: self)
    }

    func answered() {
        answerCount += 1
    }

    func heard(_ frame: STOMPFrame) {
        observer?.heard(frame, on: self, atUs: receivedAtUs)
    }

    // MARK: Sending

    /// Whether the server reads what it is sent.
    var isTakingMore: Bool { outgoing.count - sentCount < Self.outgoingBytesMax }

    /// The socket can be written to: it is connected now, or has room for what waits.
    func becameWritable() throws(ClientFailure) {
        guard !isConnected else { return try flush() }
        // Asking for the error clears it.
        let code = socket.pendingError
        guard code == 0 else { throw .system(SystemError("connect \(address)", code: code)) }
        isConnected = true
        dialogue.begin(into: &outgoing)
        try flush()
    }

    /// Publishes a message, at the next `flush`.
    func publish(_ message: OutgoingMessage) {
        dialogue.publish(message, into: &outgoing)
    }

    /// Says what `write` appends, at the next `flush`.
    func say(_ write: (inout [UInt8]) -> Void) {
        write(&outgoing)
    }

    /// Asks for a sign of life.
    func probe() throws(ClientFailure) {
        dialogue.probe(into: &outgoing)
        try flush()
    }

    /// Says something where it is time for that, and fails where the server should have.
    func beat(atUs nowUs: Int64) throws(ClientFailure) {
        guard isLive else { return }
        let keepAlive = dialogue.keepAlive
        if isReading, let silenceMaxUs = keepAlive.silenceMaxUs,
            nowUs - lastReceivedUs > silenceMaxUs
        {
            throw .timedOut("no heart-beat came")
        }
        // Twice as often as promised: the sweep that calls this is coarse.
        if let intervalUs = keepAlive.intervalUs, nowUs - lastSentUs > intervalUs / 2 {
            dialogue.beat(into: &outgoing)
            try flush()
        }
    }

    /// Sends what there is to send, now or as soon as the kernel takes it.
    func flush() throws(ClientFailure) {
        guard isConnected else { return }
        while sentCount < outgoing.count {
            switch Socket.send(socket.descriptor, outgoing, from: sentCount) {
            case .bytes(let count):
                sentCount += count
            case .wouldBlock:
                return watch([.read, .write])
            case .end:
                throw .disconnected
            case .failed(let code):
                throw .system(SystemError("send", code: code))
            }
        }
        // A client that opens may be one of thousands that will never send again.
        outgoing.removeAll(keepingCapacity: outgoing.count < 4_096 && isLive)
        sentCount = 0
        lastSentUs = MonotonicClock.nowUs()
        watch(.read)
    }

    private func watch(_ interest: Interest) {
        let wanted = isReading ? interest.union(.read) : interest.subtracting(.read)
        guard wanted != self.interest else { return }
        self.interest = wanted
        loop.change(socket.descriptor, to: wanted, tag: tag)
    }
}
