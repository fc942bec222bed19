import Engine
import Synchronization

/// Everything that lives on one event loop: its connections, the loop's halves of the rooms, and the
/// cycle of reading, running what that caused, and writing.
///
/// Its `run` is one long job of the actor on the loop's thread; all other jobs of the loop run
/// nested in it. What a tick produced is written at its end, one `send` per connection.
public actor Reactor {
    public nonisolated let index: Int
    /// How many loops the server has.
    let loopCount: Int
    public nonisolated let eventLoop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe eventLoop.asUnownedSerialExecutor()
    }

    let limits: ConnectionLimits
    /// Of publications that wait in the loop's inbox, in bytes.
    nonisolated let undeliveredBytes = Atomic<Int>(0)
    var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private(set) var connectionCount = 0
    /// Those of all loops.
    let allConnections: ConnectionTotal
    /// Milliseconds of the monotonic clock when this tick began.
    var nowMs = EventLoop.nowMs()
    private var readBuffer = [UInt8](repeating: 0, count: 65_536)
    /// Slots whose outbox is to be flushed at the end of the tick.
    private var dirtySlots: [UInt32] = []
    /// Takes the place of `dirtySlots` while those are flushed, so that neither is made anew.
    private var spareDirtySlots: [UInt32] = []
    var acceptors: [Acceptor] = []
    var audiences: [RoomKey: Audience] = [:]
    var dirtyAudiences: [Audience] = []
    /// Takes the place of `dirtyAudiences` while those are written.
    var spareDirtyAudiences: [Audience] = []
    /// Connections that audiences could not be sent to, until the end of the tick.
    var brokenEndpoints: [Endpoint] = []
    /// What the connection whose turn it is may still make the loop do (`Turns.swift`).
    var turnCredit = 0
    /// Connections that wait for their next turn, in order.
    var yielding: [Endpoint] = []
    /// Empty buffers for the batches of the next ticks.
    var spareBatches: [[UInt8]] = []
    /// What they can hold together.
    var spareBytes = 0
    /// Destinations and media types that clients have sent.
    var texts = TextCache()
    var frames = FrameWriter()
    var isStopping = false
    /// Whether the time to stop in is over.
    var isTimeUp = false
    /// Whom a stopping loop tells that it is done; nil once told.
    var whenDone: (@Sendable () -> Void)?
    var authorityChanges = AuthorityChanges()
    /// What clients make the process hold, on all loops.
    let processHeld: HeldBytes
    /// What those of this loop do, and how much of it `processHeld` knows of.
    var heldBytes = 0
    var reportedHeldBytes = 0
    /// How much of what sessions have promised is still being done.
    var holdCount = 0
    var dateCache = (second: Int64(-1), text: "")

    /// How often the slots are looked through for conversations to wake, in milliseconds. It is the
    /// granularity of every deadline on a connection.
    static let sweepMs: Int64 = 250
    /// Unsent bytes above which history waits, and below which it goes on.
    private static let congestedBytes = 128 * 1024
    private static let drainedBytes = 32 * 1024
    /// How long a peer may take nothing of what it is owed: whoever read too slowly should hear why.
    private var farewellMs: Int64 { max(10_000, limits.lingerMs) }
    /// The tags of listening sockets start here; below it, tags are endpoints.
    static let acceptorTag = UInt64(UInt32.max) << 32

    /// The loop with this number of a server that has so many, which share `processHeld` (nil: a
    /// bound of its own) and `allConnections`.
    init(
        index: Int, of loopCount: Int = 1, eventLoop: EventLoop, limits: ConnectionLimits,
        processHeld: HeldBytes? = nil, allConnections: ConnectionTotal = ConnectionTotal()
    ) {
        self.index = index
        self.loopCount = loopCount
        self.eventLoop = eventLoop
        self.limits = limits
        self.processHeld =
            processHeld ?? HeldBytes(bytesMax: limits.outboxTotalBytesMax, loopCount: 1)
        self.allConnections = allConnections
    }

    // MARK: The cycle

    /// Runs the loop until it is closed. Called once, as the loop's first job.
    func run() {
        scheduleSweep()
        var ready: [Readiness] = []
        while !eventLoop.isFinished { tick(&ready) }
    }

    func dispatch(_ readiness: Readiness) {
        if readiness.tag >= Self.acceptorTag {
            return accept(Int(readiness.tag - Self.acceptorTag))
        }
        guard let connection = connection(at: Endpoint(tag: readiness.tag)) else { return }
        if readiness.isWritable { markDirty(connection) }
        if readiness.isReadable, connection.interest.contains(.read) {
            if connection.isReadPaused, case .open = connection.phase {
                updateInterest(connection)
            } else {
                read(connection)
            }
        } else if readiness.hasFailed {
            close(connection)
        }
    }

    func flush() {
        // Flushing may drain an outbox, which may let a session write more: those bytes go out in
        // the next turn, which does not wait since they mark their slots.
        flushAudiences()
        closeBroken()
        var slotsToFlush = exchange(&dirtySlots, with: exchange(&spareDirtySlots, with: []))
        for slot in slotsToFlush {
            slots[Int(slot)].isDirty = false
            if let connection = slots[Int(slot)].connection { flush(connection) }
        }
        slotsToFlush.removeAll(keepingCapacity: true)
        spareDirtySlots = slotsToFlush
        if !dirtySlots.isEmpty || !dirtyAudiences.isEmpty || !yielding.isEmpty {
            eventLoop.post {}
        }
    }

    // MARK: Connections

    func connection(at endpoint: Endpoint) -> Connection? {
        let slot = Int(endpoint.slot)
        guard slot < slots.count, slots[slot].generation == endpoint.generation else { return nil }
        return slots[slot].connection
    }

    /// Takes over an accepted descriptor and begins the conversation on it.
    func adopt(_ descriptor: Int32, from peerHost: String, for service: Service) {
        guard !isStopping else {
            Socket.close(descriptor)
            return service.census.release(peerHost)
        }
        let slot = freeSlots.popLast() ?? newSlot()
        slots[Int(slot)].generation += 1
        let endpoint = Endpoint(slot: slot, generation: slots[Int(slot)].generation)
        let connection = Connection(
            endpoint: endpoint, peerHost: peerHost, descriptor: descriptor,
            conversation: service.begin(peerHost, on: self))
        do {
            try eventLoop.watch(descriptor, for: .read, tag: endpoint.tag)
        } catch {
            // The kernel has no memory for another watch: the peer sees a closed connection.
            freeSlots.append(slot)
            return service.census.release(peerHost)
        }
        connection.census = service.census
        connectionCount += 1
        allConnections.add(1)
        slots[Int(slot)].descriptor = descriptor
        slots[Int(slot)].lastReceivedMs = nowMs
        slots[Int(slot)].lastSentMs = nowMs
        slots[Int(slot)].connection = connection
        rearm(connection)
    }

    private func newSlot() -> UInt32 {
        slots.append(Slot())
        return UInt32(slots.count - 1)
    }

    /// Closes at once; what is unsent is lost.
    func close(_ connection: Connection) {
        if case .closed = connection.phase { return }
        connection.phase = .closed
        connection.backlog = nil
        forget(connection)
        let slot = Int(connection.endpoint.slot)
        // While it still has its slot, so that its session can leave its rooms.
        connection.conversation.closed(on: self)
        slots[slot].connection = nil
        slots[slot].user = .server
        slots[slot].descriptor = -1
        slots[slot].wakeAtMs = .max
        slots[slot].hasPending = false
        eventLoop.unwatch(connection.descriptor)
        Socket.close(connection.descriptor)
        connection.census?.release(connection.peerHost)
        connectionCount -= 1
        allConnections.add(-1)
        freeSlots.append(connection.endpoint.slot)
        reportIfDone()
    }

    /// Sends what is in the outbox, then closes.
    func finish(_ connection: Connection) {
        guard case .open = connection.phase else { return }
        connection.phase = .finishing
        connection.backlog = nil
        slots[Int(connection.endpoint.slot)].wakeAtMs = nowMs + farewellMs
        updateInterest(connection)
        markDirty(connection)
    }

    // MARK: Reading

    private func read(_ connection: Connection) {
        switch Socket.receive(
            connection.descriptor, into: &readBuffer, atMost: connection.readBytesMax)
        {
        case .bytes(let count):
            // The buffer is lent out for the call, so that nothing called can touch it.
            let buffer = readBuffer
            receive(buffer.span.extracting(first: count), over: connection)
        case .wouldBlock:
            break
        case .end:
            connection.hasPeerFinished = true
            updateInterest(connection)
            switch connection.phase {
            case .open: connection.conversation.receiveEnd(over: connection, on: self)
            // Whoever sends no more may still read what it is owed.
            case .finishing: break
            case .lingering, .closed: close(connection)
            }
        case .failed:
            close(connection)
        }
    }

    /// Stops or resumes reading: meanwhile the peer's further bytes wait in the kernel.
    func setReading(_ isReading: Bool, of connection: Connection) {
        let isReading = isReading && !connection.isYielding
        if isReading, connection.isReadPaused {
            // Nobody was listening meanwhile: silence counts from here.
            slots[Int(connection.endpoint.slot)].lastReceivedMs = nowMs
        }
        connection.isReadPaused = !isReading
        // A pause is the kernel's business only when something arrives: most are over before.
        if isReading { updateInterest(connection) }
    }

    private func updateInterest(_ connection: Connection) {
        var interest: Interest = []
        let mayRead =
            switch connection.phase {
            case .open: !connection.isReadPaused
            case .finishing, .lingering: true
            case .closed: false
            }
        if mayRead, !connection.hasPeerFinished { interest.insert(.read) }
        if connection.isWriteBlocked { interest.insert(.write) }
        guard interest != connection.interest else { return }
        connection.interest = interest
        eventLoop.change(
            connection.descriptor, to: interest, tag: connection.endpoint.tag)
    }

    /// Lets a conversation that waited for something of its own go on with what it has received.
    func resume(_ connection: Connection) {
        beginTurn()
        connection.conversation.tell(.readable, over: connection, on: self)
        countInput(of: connection)
        rearm(connection)
    }

    // MARK: Writing

    /// Appends what `write` writes to the connection's outbox; it leaves at the end of the tick.
    func send(to connection: Connection, _ write: (inout [UInt8]) -> Void) {
        guard case .open = connection.phase else { return }
        connection.outbox.append(write)
        written(connection)
    }

    /// Appends a STOMP frame in the connection's framing; `isText` says that it is valid UTF-8, as
    /// everything is that is made of strings.
    func sendFrame(
        to connection: Connection, isText: Bool = true, _ encode: (inout [UInt8]) -> Void
    ) {
        guard case .open = connection.phase else { return }
        let framing = connection.framing
        connection.outbox.append { frames.append(framing, isText: isText, to: &$0, encode) }
        written(connection)
    }

    /// Appends a WebSocket message, compressed where that was negotiated and pays.
    func sendMessage(_ payload: [UInt8], as opcode: WebSocketOpcode, to connection: Connection) {
        guard case .open = connection.phase else { return }
        let framing = connection.framing
        connection.outbox.append { frames.append(payload, as: opcode, framing, to: &$0) }
        written(connection)
    }

    /// Appends bytes that were encoded for many.
    func send(_ bytes: ArraySlice<UInt8>, to connection: Connection) {
        guard case .open = connection.phase else { return }
        connection.outbox.append(bytes)
        written(connection)
    }

    private func written(_ connection: Connection) {
        slots[Int(connection.endpoint.slot)].hasPending = true
        markDirty(connection)
        if connection.outbox.count > Self.congestedBytes { connection.isCongested = true }
    }

    func markDirty(_ connection: Connection) {
        let slot = Int(connection.endpoint.slot)
        guard !slots[slot].isDirty else { return }
        slots[slot].isDirty = true
        dirtySlots.append(connection.endpoint.slot)
    }

    func flush(_ connection: Connection) {
        let slot = Int(connection.endpoint.slot)
        let countBefore = connection.outbox.count
        var outcome = connection.outbox.flush(to: connection.descriptor)
        if connection.outbox.count < countBefore { slots[slot].lastSentMs = nowMs }
        if case .bytes = outcome, let backlog = connection.backlog.take() {
            release(backlog, over: connection)
            outcome = connection.outbox.flush(to: connection.descriptor)
        }
        countOutbox(of: connection)
        switch outcome {
        case .bytes:
            slots[slot].hasPending = false
            connection.isWriteBlocked = false
        case .wouldBlock:
            connection.isWriteBlocked = true
        case .end, .failed:
            return close(connection)
        }
        updateInterest(connection)
        // Judged after the kernel has taken what it can, so that a burst alone offends nobody.
        if connection.outbox.count > limits.outboxBytesMax, case .open = connection.phase {
            return connection.conversation.overflowed(over: connection, on: self)
        }
        if connection.isCongested, connection.outbox.count < Self.drainedBytes {
            connection.isCongested = false
            connection.conversation.drained(over: connection, on: self)
        }
        if case .finishing = connection.phase, connection.outbox.isEmpty {
            if connection.hasPeerFinished { return close(connection) }
            connection.phase = .lingering
            slots[slot].wakeAtMs = nowMs + limits.lingerMs
            Socket.finishWriting(connection.descriptor)
        }
    }

    // MARK: Deadlines

    /// Asks the conversation when it wants to be woken; after everything that may change that.
    func rearm(_ connection: Connection) {
        connection.isRearmDue = false
        guard case .open = connection.phase else { return }
        let wakeAtMs = connection.conversation.wake(over: connection, on: self)
        guard case .open = connection.phase else { return }
        slots[Int(connection.endpoint.slot)].wakeAtMs = wakeAtMs
    }

    private func scheduleSweep() {
        eventLoop.schedule(afterMs: Self.sweepMs) { [weak self] in
            self?.assumeIsolated { reactor in
                reactor.sweep()
                reactor.reportIfDone()
                if !reactor.eventLoop.isFinished { reactor.scheduleSweep() }
            }
        }
    }

    private func sweep() {
        nowMs = EventLoop.nowMs()
        for slot in slots.indices where slots[slot].wakeAtMs <= nowMs {
            guard let connection = slots[slot].connection else { continue }
            switch connection.phase {
            case .open:
                rearm(connection)
            case .finishing where nowMs - slots[slot].lastSentMs < farewellMs:
                // Still taking what it is owed.
                slots[slot].wakeAtMs = slots[slot].lastSentMs + farewellMs
            case .finishing, .lingering:
                close(connection)
            case .closed:
                break
            }
        }
    }
}
