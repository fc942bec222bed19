import Transport

/// Who the clients are: what each speaks with whom, who it says it is, and which room it is in.
///
/// Connection `i` is a member of room `i % rooms.count`. Behind the members come the connections
/// that only publish, if there are any.
struct Cast: Sendable {
    /// Empty where clients are in no room.
    let rooms: [Room]
    private let options: RunOptions
    private let credentials: Credentials
    private let sources: [SocketAddress]

    /// `credentials` are no accounts still to be made.
    init(_ options: RunOptions, rooms: [Room], credentials: Credentials) {
        self.options = options
        self.rooms = rooms
        self.credentials = credentials
        sources = options.sources.addresses(
            connections: options.clientCount, to: options.target.address)
    }

    /// How client `index` is opened; `resumeAfter` is the position up to which it has seen
    /// everything.
    func plan(_ index: Int, resumeAfter: String? = nil) -> ClientPlan {
        guard index < options.connectionCount else { return publisher(index) }
        let name = rooms.isEmpty ? "" : rooms[index % rooms.count].name
        let target = options.nodes.targets[node(of: index)]
        var task = task(target, room: name, client: index)
        if !rooms.isEmpty {
            task.subscription = options.templates.subscribe.text(room: name, client: index)
        }
        task.resumeAfter = resumeAfter
        task.countedBytesMin = isSampled(index) ? nil : options.textBytes
        return plan(options.wire.dialogue(task), to: target, index)
    }

    /// The number of the node that a member is connected to.
    func node(of index: Int) -> Int {
        let roomCount = max(1, rooms.count)
        return options.nodes.index(room: index % roomCount, member: index / roomCount)
    }

    /// Whether a member reads what it gets, and does not only count it.
    func isSampled(_ index: Int) -> Bool {
        options.sampleCount == 0 || rooms.isEmpty || index / rooms.count < options.sampleCount
    }

    /// The connection that publishes to a room, `sender` being a member's number within it.
    func publisher(ofRoom room: Int, sender: Int) -> Int {
        guard let publishing = options.publishing else { return room + sender * rooms.count }
        return options.connectionCount + room % publishing.connectionCount
    }

    private func publisher(_ index: Int) -> ClientPlan {
        guard let publishing = options.publishing else {
            preconditionFailure("without publishers there are only members")
        }
        let nodes = publishing.nodes
        let target = nodes.targets[nodes.index(publisher: index - options.connectionCount)]
        let task = task(target, room: "", client: index)
        return plan(publishing.wire.dialogue(task), to: target, index)
    }

    private func task(_ target: Target, room: String, client index: Int) -> DialogueTask {
        var task = DialogueTask(
            authority: target.authority, path: target.path.text(room: room, client: index))
        task.identity = credentials.identity(ofConnection: index)
        task.httpHeaders = options.httpHeaders
        task.connectHeaders = options.connectHeaders
        return task
    }

    private func plan(_ dialogue: any Dialogue, to target: Target, _ index: Int) -> ClientPlan {
        ClientPlan(
            dialogue: dialogue, address: target.address,
            source: sources.isEmpty ? nil : sources[index % sources.count])
    }
}

extension Credentials {
    /// Who one connection says it is.
    func identity(ofConnection index: Int) -> DialogueTask.Identity {
        switch self {
        case .nothing: .nobody
        case .login(let name, let passcode): .login(name, passcode: passcode)
        case .tokens(let tokens): .token(tokens[index % tokens.count])
        case .accounts:
            preconditionFailure("accounts are made, and their tokens used instead")
        }
    }
}
