import Transport

/// Who the clients are: what each speaks with whom, who it says it is, and which room it is in.
///
/// Connection `i` is a member of room `i % rooms.count`.
struct Cast: Sendable {
    let target: Target
    let wire: Wire
    /// None where a client's path says it all.
    let rooms: [Destinations]
    let credentials: Credentials
    var httpHeaders: [DialogueTask.Header] = []
    var connectHeaders: [DialogueTask.Header] = []

    /// How member `index` is opened; `resumeAfter` is the position it has seen everything up to.
    func member(_ index: Int, resumeAfter: String? = nil, countedBytesMin: Int? = nil) -> ClientPlan
    {
        let room = rooms.isEmpty ? nil : rooms[index % rooms.count]
        var task = task(ofClient: index, room: room)
        task.subscription = room?.subscribe
        task.resumeAfter = resumeAfter
        task.countedBytesMin = countedBytesMin
        return ClientPlan(dialogue: wire.dialogue(task), address: target.address)
    }

    /// How a client is opened that hears nothing.
    func publisher(_ index: Int) -> ClientPlan {
        ClientPlan(
            dialogue: wire.dialogue(task(ofClient: index, room: nil)), address: target.address)
    }

    private func task(ofClient index: Int, room: Destinations?) -> DialogueTask {
        var task = DialogueTask(
            authority: target.authority,
            path: target.path.text(room: room?.name ?? "", client: index))
        task.identity = credentials.identity(ofConnection: index)
        task.httpHeaders = httpHeaders
        task.connectHeaders = connectHeaders
        return task
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
