import Measure
import Transport

/// Thousands of clients on one event loop and one thread, the caller's: nothing happens but in
/// `turn`.
final class ClientLoop {
    /// Wakes the loop, so that `turn` returns at the times somebody waits for.
    let metronome: Metronome
    /// When the kernel's latest report came.
    private(set) var nowUs = MonotonicClock.nowUs()
    /// Clients that can send and receive.
    private(set) var liveCount = 0
    private let loop: EventLoop
    private var clients: [ClientConnection?]
    private var generation: UInt32 = 0
    private var openCount = 0
    /// Clients that are gone: what they received counts on.
    private var goneBytes = 0
    /// Why a client ended, the first time one did.
    private var firstFailure: ClientFailure?
    /// Clients that have something to send and were not asked to yet.
    private var unflushed: [ClientConnection] = []
    private var ready: [Readiness] = []
    private var buffer = [UInt8](repeating: 0, count: 262_144)
    private var nextSweepUs: Int64 = 0

    /// How long opening may go on without any client getting there, in microseconds.
    private static let patienceUs: Int64 = 15_000_000
    /// How often the clients are looked through for heart-beats, in microseconds.
    private static let sweepUs: Int64 = 1_000_000
    /// The grid of time before somebody chooses another.
    private static let idleIntervalUs: Int64 = 50_000

    /// A loop for clients 0..<`count`, none of which is open yet. Fails where the process may not
    /// have so many.
    init(count: Int) throws(ClientFailure) {
        clients = Array(repeating: nil, count: count)
        do throws(SystemError) {
            try DescriptorLimit.raise(toConnections: count)
            loop = try EventLoop()
        } catch {
            throw .system(error)
        }
        metronome = Metronome(waking: loop, everyUs: Self.idleIntervalUs)
    }

    /// The client, where it is connected or connecting.
    subscript(_ index: Int) -> ClientConnection? { clients[index] }

    /// Clients that are on their way to being live.
    var connectingCount: Int { openCount - liveCount }

    /// Bytes that all clients together have received.
    var receivedBytes: Int {
        goneBytes + clients.reduce(0) { $0 + ($1?.receivedBytes ?? 0) }
    }

    // MARK: Opening and closing

    /// Starts to connect a client that isn't.
    func open(_ index: Int, _ plan: ClientPlan) throws(ClientFailure) {
        precondition(clients[index] == nil, "the client is open")
        generation += 1
        do throws(SystemError) {
            clients[index] = try ClientConnection(
                index: index, generation: generation, plan, loop: loop)
        } catch {
            throw .system(error)
        }
        openCount += 1
    }

    /// Opens all clients that are due by `opening`.
    func openNext(
        _ opening: inout Opening, _ plan: (Int) -> ClientPlan
    ) throws(ClientFailure) {
        while let index = opening.takeNext(connectingCount: connectingCount, atUs: nowUs) {
            try open(index, plan(index))
        }
    }

    /// Opens every client and returns once all are live. Fails with the first one that does, and
    /// where somebody asks the program to end before.
    func openAll(
        _ options: RunOptions, for observer: any ClientObserver, until stop: StopSignal,
        _ plan: (Int) -> ClientPlan
    ) throws(ClientFailure) {
        nowUs = MonotonicClock.nowUs()
        let bar = ProgressBar(startUs: nowUs)
        bar.say("opening \(clients.count.grouped) connections")
        var opening = Opening(
            clients.indices, startUs: nowUs, rampUpUs: options.rampUpUs,
            connectingMax: options.connectingMax)
        var progress = (liveCount: 0, begun: 0, atUs: nowUs)
        while liveCount < clients.count, !stop.isSet {
            try openNext(&opening, plan)
            turn(for: observer)
            if let firstFailure { throw firstFailure }
            // A slow ramp is progress, too, as long as nobody waits to be let in.
            if liveCount > progress.liveCount || connectingCount == 0 {
                progress = (liveCount, opening.next, nowUs)
            }
            guard nowUs - progress.atUs < Self.patienceUs else {
                throw .timedOut("\(liveCount) of \(clients.count) connections opened")
            }
            bar.report(atUs: nowUs) {
                Standing(count: liveCount, of: clients.count, "connections")
            }
        }
        guard liveCount == clients.count else {
            throw .stopped("\(liveCount) of \(clients.count) connections were open")
        }
    }

    /// Closes a client at once.
    func close(_ client: ClientConnection, why: ClientFailure, for observer: any ClientObserver) {
        remove(client)
        firstFailure = firstFailure ?? why
        observer.closed(client, why: why)
    }

    /// Closes a client as a broken network would: without a word to the server, or to an observer.
    func cut(_ index: Int) {
        if let client = clients[index] { remove(client) }
    }

    /// Takes a client off the loop; one that is off already stays off. A client may fail after it
    /// was removed: where the connection that was to succeed it can't be opened.
    private func remove(_ client: ClientConnection) {
        guard clients[client.index] === client else { return }
        loop.unwatch(client.socket.descriptor)
        client.socket.close()
        clients[client.index] = nil
        openCount -= 1
        goneBytes += client.receivedBytes
        if client.isCounted { liveCount -= 1 }
    }

    // MARK: The cycle

    /// Waits until something is readable or the metronome strikes, and lets the clients read.
    func turn(for observer: any ClientObserver) {
        loop.turn(into: &ready)
        nowUs = MonotonicClock.nowUs()
        for readiness in ready {
            let index = Int(readiness.tag & UInt64(UInt32.max))
            guard let client = clients[index], client.tag == readiness.tag else { continue }
            advance(client, readiness, observer)
        }
        if nowUs >= nextSweepUs {
            nextSweepUs = nowUs + Self.sweepUs
            sweep(observer)
        }
    }

    /// Publishes a message at the next `flush`.
    func publish(_ message: OutgoingMessage, on client: ClientConnection) {
        willFlush(client)
        client.publish(message)
    }

    /// Says what `write` appends, at the next `flush`.
    func say(on client: ClientConnection, _ write: (inout [UInt8]) -> Void) {
        willFlush(client)
        client.say(write)
    }

    private func willFlush(_ client: ClientConnection) {
        guard !client.isUnflushed else { return }
        client.isUnflushed = true
        unflushed.append(client)
    }

    /// Sends what was published, what one client published in one piece.
    func flush(for observer: any ClientObserver) {
        for client in unflushed {
            client.isUnflushed = false
            // It may have been closed, and another have taken its place.
            guard clients[client.index] === client else { continue }
            attempt(client, for: observer) { client throws(ClientFailure) in
                try client.flush()
            }
        }
        unflushed.removeAll(keepingCapacity: true)
    }

    /// Does something with a client, and closes it where that fails.
    func attempt(
        _ client: ClientConnection, for observer: any ClientObserver,
        _ action: (ClientConnection) throws(ClientFailure) -> Void
    ) {
        do throws(ClientFailure) {
            try action(client)
        } catch {
            close(client, why: error, for: observer)
        }
    }

    private func advance(
        _ client: ClientConnection, _ readiness: Readiness, _ observer: any ClientObserver
    ) {
        attempt(client, for: observer) { client throws(ClientFailure) in
            if readiness.isWritable { try client.becameWritable() }
            if readiness.isReadable {
                try read(client, observer)
            } else if readiness.hasFailed {
                let code = client.socket.pendingError
                throw code == 0 ? .disconnected : .system(SystemError("connection", code: code))
            }
            if !client.isCounted, client.isLive, clients[client.index] === client {
                client.isCounted = true
                liveCount += 1
                observer.opened(client)
            }
        }
    }

    private func read(
        _ client: ClientConnection, _ observer: any ClientObserver
    ) throws(ClientFailure) {
        switch Socket.receive(client.socket.descriptor, into: &buffer) {
        case .bytes(let count):
            // The buffer is lent out for the call, so that nothing called can touch it.
            let bytes = buffer
            try client.receive(
                bytes.span.extracting(first: count), atUs: MonotonicClock.nowUs(), for: observer)
        case .wouldBlock:
            break
        case .end:
            guard let successor = client.successor else { throw .disconnected }
            remove(client)
            try open(client.index, successor)
        case .failed(let code):
            throw .system(SystemError("receive", code: code))
        }
    }

    private func sweep(_ observer: any ClientObserver) {
        for client in clients {
            guard let client else { continue }
            attempt(client, for: observer) { client throws(ClientFailure) in
                try client.beat(atUs: nowUs)
            }
        }
    }
}
