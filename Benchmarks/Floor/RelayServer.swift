import Transport

/// The least a server of rooms can do that reads what its members send: one thread that passes each
/// message on to all members of the sender's room, as it is.
///
/// Nothing is parsed but the WebSocket frame around the message, nothing checked, nothing kept. The
/// path that a member asked for is its room.
final class RelayServer {
    private let loop: EventLoop
    private let listener: Socket
    /// Whether everything of one tick leaves in one piece.
    private let joinsTick: Bool
    private var visitors: [UInt64: Visitor] = [:]
    private var members: [UInt64: Member] = [:]
    private var rooms: [String: Room] = [:]
    /// Rooms with messages of this tick.
    private var dirtyRooms: [Room] = []
    /// What the kernel did not take yet, by descriptor.
    private var unsent: [Int32: [UInt8]] = [:]
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    private final class Room {
        var descriptors: [Int32] = []
        var batch: [UInt8] = []
    }

    private final class Member {
        let socket: Socket
        let room: Room
        var parser = WebSocketParser(
            role: .server, messageBytesMax: messageBytesMax, deflate: nil)

        init(_ socket: Socket, in room: Room) {
            self.socket = socket
            self.room = room
        }
    }

    private static let messageBytesMax = 1 << 20
    private static let visitorsMax = 64
    /// Bytes that may wait for a member that does not read; beyond it, the member is cut off.
    private static let unsentBytesMax = 16 << 20

    /// Listens; `address` says where.
    init(port: UInt16, joinsTick: Bool) throws(SystemError) {
        self.joinsTick = joinsTick
        guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
            preconditionFailure("the address is numeric")
        }
        loop = try EventLoop()
        listener = try Socket.listen(on: address)
        try loop.watch(listener.descriptor, for: .read, tag: UInt64(listener.descriptor))
    }

    /// Where it listens.
    var address: SocketAddress? { listener.localAddress }

    /// Serves until the process is ended.
    func run() throws(SystemError) -> Never {
        var ready: [Readiness] = []
        while true {
            loop.turn(into: &ready)
            for readiness in ready {
                if readiness.tag == UInt64(listener.descriptor) {
                    try welcome()
                } else if let member = members[readiness.tag] {
                    advance(member, readiness)
                } else if let visitor = visitors[readiness.tag] {
                    admit(visitor)
                }
            }
            flush()
        }
    }

    // MARK: Coming and going

    private func welcome() throws(SystemError) {
        for _ in 0..<Self.visitorsMax {
            guard case .connection(let descriptor, _) = listener.accept() else { return }
            visitors[UInt64(descriptor)] = Visitor(Socket(descriptor: descriptor))
            try loop.watch(descriptor, for: .read, tag: UInt64(descriptor))
        }
    }

    private func admit(_ visitor: Visitor) {
        let outcome = visitor.readRequest()
        if outcome == .unfinished { return }
        let tag = UInt64(visitor.socket.descriptor)
        visitors[tag] = nil
        guard case .upgraded(let path) = outcome else {
            return loop.unwatch(visitor.socket.descriptor)
        }
        let room = rooms[path] ?? Room()
        rooms[path] = room
        room.descriptors.append(visitor.socket.descriptor)
        members[tag] = Member(visitor.socket, in: room)
    }

    private func dismiss(_ member: Member) {
        let descriptor = member.socket.descriptor
        loop.unwatch(descriptor)
        members[UInt64(descriptor)] = nil
        unsent[descriptor] = nil
        member.room.descriptors.removeAll { $0 == descriptor }
    }

    // MARK: Relaying

    private func advance(_ member: Member, _ readiness: Readiness) {
        if readiness.isWritable { sendRest(to: member.socket.descriptor) }
        guard readiness.isReadable else {
            if readiness.hasFailed { dismiss(member) }
            return
        }
        switch Socket.receive(member.socket.descriptor, into: &buffer) {
        case .bytes(let count):
            member.parser.append(buffer.span.extracting(first: count))
            do throws(WebSocketError) {
                while let event = try member.parser.next() {
                    guard case .message(let isText, let payload) = event else { continue }
                    relay(payload, isText ? .text : .binary, in: member.room)
                }
            } catch {
                dismiss(member)
            }
        case .wouldBlock: break
        case .end, .failed: dismiss(member)
        }
    }

    private func relay(_ payload: [UInt8], _ opcode: WebSocketOpcode, in room: Room) {
        if room.batch.isEmpty { dirtyRooms.append(room) }
        WebSocketEncoder.frame(opcode, payload: payload, into: &room.batch)
        if !joinsTick { flush() }
    }

    private func flush() {
        for room in dirtyRooms {
            for descriptor in room.descriptors { send(room.batch, to: descriptor) }
            room.batch.removeAll(keepingCapacity: true)
        }
        dirtyRooms.removeAll(keepingCapacity: true)
    }

    private func send(_ batch: [UInt8], to descriptor: Int32) {
        if !unsent.isEmpty, let waiting = unsent[descriptor]?.count {
            if waiting > Self.unsentBytesMax, let member = members[UInt64(descriptor)] {
                return dismiss(member)
            }
            unsent[descriptor]? += batch
            return
        }
        switch Socket.send(descriptor, batch) {
        case .bytes(batch.count): break
        case .bytes(let count): keep(batch[count...], for: descriptor)
        case .wouldBlock: keep(batch[...], for: descriptor)
        // The next read finds out.
        case .end, .failed: break
        }
    }

    private func keep(_ rest: ArraySlice<UInt8>, for descriptor: Int32) {
        unsent[descriptor] = Array(rest)
        loop.change(descriptor, to: [.read, .write], tag: UInt64(descriptor))
    }

    private func sendRest(to descriptor: Int32) {
        guard let rest = unsent[descriptor] else { return }
        guard case .bytes(let count) = Socket.send(descriptor, rest) else { return }
        if count < rest.count {
            unsent[descriptor] = Array(rest[count...])
        } else {
            unsent[descriptor] = nil
            loop.change(descriptor, to: .read, tag: UInt64(descriptor))
        }
    }
}
