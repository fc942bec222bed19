import Transport

/// What clients say in STOMP.
extension STOMPFrame {
    /// CONNECT as a task has it.
    static func connect(
        _ task: DialogueTask, accepting versions: [STOMPVersion], heartBeat: HeartBeat
    ) -> STOMPFrame {
        let accepted = versions.map(\.text).joined(separator: ",")
        var headers = [
            (name: "accept-version", value: accepted), (name: "host", value: task.authority),
            (name: "heart-beat", value: heartBeat.text),
        ]
        switch task.identity {
        case .nobody: break
        case .login(let name, let passcode):
            headers += [(name: "login", value: name), (name: "passcode", value: passcode)]
        case .token(let token): headers.append((name: "Authorization", value: "Bearer " + token))
        }
        // Headers that were asked for take the place of ours.
        let asked = Set(task.connectHeaders.map(\.name))
        headers.removeAll { asked.contains($0.name) }
        headers += task.connectHeaders.map { (name: $0.name, value: $0.value) }
        return STOMPFrame(.connect, headers)
    }

    /// SEND of a message.
    static func send(_ message: OutgoingMessage) -> STOMPFrame {
        var headers = [
            (name: "destination", value: message.destination),
            (name: "content-type", value: message.contentType),
        ]
        if let receipt = message.receipt { headers.append((name: "receipt", value: "\(receipt)")) }
        if let key = message.idempotencyKey {
            headers.append((name: "idempotency-key", value: key))
        }
        return STOMPFrame(.send, headers, body: message.body)
    }
}

extension KeepAlive {
    /// What both ends have agreed on.
    init(_ agreement: HeartBeat.Agreement) {
        self.init(
            intervalUs: agreement.send?.microseconds,
            silenceMaxUs: agreement.silenceMax?.microseconds)
    }
}

extension Duration {
    /// Whole microseconds.
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
