import Measure
import Transport

/// What the clients of a soak say.
extension SoakRun {
    /// The text of a message in the busy room, in bytes.
    private static let busyTextBytes = 16_384

    /// Lets somebody write something in one of their rooms; those without a connection, too, who
    /// send it when they are back.
    func write() {
        let isBusy = Int.random(in: 0..<SoakHabits.busyMessages, using: &habits.random) == 0
        let index =
            isBusy
            ? busyMembers[Int.random(in: busyMembers.indices, using: &habits.random)]
            : Int.random(in: members.indices, using: &habits.random)
        // The busy room is the last one of its members.
        let slots = members[index].memberships.indices
        let slot =
            isBusy
            ? slots.upperBound - 1
            : Int.random(in: 0..<Self.quietCount(of: members[index]), using: &habits.random)
        guard let letter = members[index].write(slot: slot, atUs: clients.nowUs) else {
            tally.unwritten += 1
            return
        }
        tally.published += 1
        timeline.published(atUs: clients.nowUs)
        guard members[index].isTalking, let client = clients[index] else { return }
        let room = rooms[members[index].memberships[slot].room].name
        if habits.types() { say(#"{"typing":true}"#, to: "/pub/chat/typing/\(room)", on: client) }
        send(letter, on: client)
        if habits.reads() { say("", to: "/pub/chat/read/\(room)", on: client) }
    }

    /// Says something of which nobody remembers whether it arrived.
    private func say(_ body: String, to destination: String, on client: ClientConnection) {
        let headers = [
            (name: "destination", value: destination),
            (name: "content-type", value: "application/json"),
        ]
        say(STOMPFrame(.send, headers, body: Array(body.utf8)), on: client)
    }

    private static func quietCount(of member: SoakClient) -> Int {
        member.memberships.count { $0.room != SoakHabits.busyRoom }
    }

    /// Sends a letter, for the first time or again.
    func send(_ letter: SoakClient.Letter, on client: ClientConnection) {
        guard client.isTakingMore else { return }
        if members[client.index].send(letter.receipt) { tally.resent += 1 }
        let membership = members[client.index].memberships[letter.slot]
        journal?.sent(room: rooms[membership.room].name, key: key(of: letter, from: client.index))
        say(frame(of: letter, from: client.index), on: client)
    }

    /// Sends the first half of a letter's frame, and no more.
    func sayHalf(of letter: SoakClient.Letter, on client: ClientConnection) {
        _ = members[client.index].send(letter.receipt)
        var bytes: [UInt8] = []
        dialogues[client.index]?.send(frame(of: letter, from: client.index), into: &bytes)
        clients.attempt(client, for: self) { client throws(ClientFailure) in
            client.say { $0 += bytes.prefix(bytes.count / 2) }
            try client.flush()
        }
    }

    /// Says something at the next flush.
    func say(_ frame: STOMPFrame, on client: ClientConnection) {
        guard let dialogue = dialogues[client.index] else { return }
        clients.say(on: client) { dialogue.send(frame, into: &$0) }
    }

    /// The same each time, so that members may compare all they get.
    private func frame(of letter: SoakClient.Letter, from index: Int) -> STOMPFrame {
        let room = members[index].memberships[letter.slot].room
        let stamp = Stamp(
            run: runID, room: room, sender: index, sequence: Int64(letter.number),
            dueUs: letter.writtenUs)
        let isBusy = room == SoakHabits.busyRoom
        var message = rooms[room].message(
            stamp.text(byteCount: isBusy ? Self.busyTextBytes : options.textBytes),
            receipt: letter.receipt)
        message.idempotencyKey = key(of: letter, from: index)
        return STOMPFrame.send(message)
    }

    /// Of the letter, in the whole store.
    func key(of letter: SoakClient.Letter, from index: Int) -> String {
        let room = members[index].memberships[letter.slot].room
        return "\(runID)-\(room)-\(index)-\(letter.number)"
    }

    /// Does what clients owe because of what they have heard, as far as it is time to.
    func pay(atUs nowUs: Int64) {
        guard !due.isEmpty else { return }
        var later: [Due] = []
        for each in due {
            switch each {
            case .letter(_, _, let atUs) where atUs > nowUs:
                later.append(each)
            case .letter(let index, let receipt, _):
                // One that has come back since has sent it already.
                guard members[index].isTalking, let client = clients[index],
                    let letter = members[index].outbox.first(where: { $0.receipt == receipt }),
                    letter.isRefused
                else { continue }
                send(letter, on: client)
            case .acknowledgement(let index, let slot, let id, let offset):
                guard members[index].isTalking, let client = clients[index] else { continue }
                members[index].memberships[slot].check.acknowledge(offset)
                let receipt = "\(Self.acknowledged)\(slot)-\(offset)"
                say(
                    STOMPFrame(.ack, [(name: "id", value: id), (name: "receipt", value: receipt)]),
                    on: client)
            }
        }
        due = later
    }
}
