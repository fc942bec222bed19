import Measure
import Transport

/// What the clients of a soak hear, and how it is held against what they know.
extension SoakRun {
    /// What the subscription to the error queue is called; those to rooms are called by their slots.
    static let errors = "e"
    /// What the subscription to who comes, goes and types is called.
    static let events = "n"
    static let errorQueue = "/user/queue/errors"
    /// What the receipt of a room's subscription begins with; the slot follows. Those of messages are
    /// numbers.
    static let subscribed = "s"
    /// What the receipt of an acknowledgement begins with; the slot and the offset follow.
    static let acknowledged = "a"

    func heard(_ frame: STOMPFrame, on connection: ClientConnection, atUs nowUs: Int64) {
        let headers = frame.headers
        switch frame.command {
        case .message:
            let subscription = headers.value(of: "subscription") ?? ""
            if let slot = Int(subscription.prefix { $0 != "-" }) {
                deliver(frame, slot, to: connection.index, atUs: nowUs)
            } else if subscription == Self.errors {
                refuse(headers, to: connection.index)
            } else if subscription == Self.events {
                tally.events += 1
            } else {
                tally.strayed += 1
            }
        case .receipt:
            receipt(headers.value(of: "receipt-id") ?? "", headers, connection, atUs: nowUs)
        case .error:
            let delayMs = headers.value(of: "reconnect-after-ms").flatMap { Int64($0) }
            delaysUs[connection.index] = delayMs.map { $0 * 1_000 }
        case _:
            tally.strayed += 1
        }
    }

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        preconditionFailure("frames are heard as such")
    }

    // MARK: Messages

    private func deliver(_ frame: STOMPFrame, _ slot: Int, to index: Int, atUs nowUs: Int64) {
        let body = frame.body.span
        guard members[index].memberships.indices.contains(slot), let stamp = Stamp(in: body),
            stamp.run == runID, stamp.room == members[index].memberships[slot].room,
            let sender = UInt32(exactly: stamp.sender),
            let number = UInt32(exactly: stamp.sequence),
            let position = RoomChronicle.Position(frame.headers.value(of: "position"))
        else {
            tally.strayed += 1
            return
        }
        tally.deliveries += 1
        let message = RoomLedger.Message(author: sender, number: number)
        if !chronicles[stamp.room].see(message, digest: body.digest, at: position) {
            tally.contradicted += 1
        }
        let offset = position.offset
        let isLive = members[index].memberships[slot].isAnswered
        let epoch = members[index].memberships[slot].epoch
        if epoch != position.epoch {
            if members[index].memberships[slot].mayBeMoved {
                members[index].memberships[slot].follow(position.epoch, after: offset - 1)
            } else if !epoch.isEmpty {
                tally.contradicted += 1
                return
            }
        }
        switch members[index].memberships[slot].check.take(offset) {
        case .next: break
        case .skipped(let count):
            tally.lost += count
            if !isLive { members[index].memberships[slot].missedBeforeAnswer += count }
        case .late:
            tally.lost -= 1
            tally.reordered += 1
        case .repeated: tally.duplicated += 1
        case .redelivered: tally.redelivered += 1
        case .early: tally.strayed += 1
        }
        acknowledge(frame.headers, slot, offset, by: index)
        guard isLive, !hasBeenDeaf(index), members.indices.contains(stamp.sender),
            members[stamp.sender].hasSentAtOnce(stamp.dueUs)
        else { return }
        latency.record(nowUs - stamp.dueUs)
        timeline.delivered(atUs: nowUs, latencyUs: nowUs - stamp.dueUs)
    }

    /// Acknowledges a message, where that is for the client to do and it does so now.
    private func acknowledge(
        _ headers: STOMPHeaders, _ slot: Int, _ offset: Int64, by index: Int
    ) {
        guard let acknowledging = members[index].memberships[slot].acknowledging else { return }
        guard let id = headers.value(of: "ack") else {
            tally.strayed += 1
            return
        }
        guard acknowledging == .individual || habits.acknowledges() else { return }
        due.append(.acknowledgement(client: index, slot: slot, id: id, offset: offset))
    }

    // MARK: Receipts

    private func receipt(
        _ id: String, _ headers: STOMPHeaders, _ connection: ClientConnection, atUs nowUs: Int64
    ) {
        let index = connection.index
        if let number = Int64(id) {
            stored(number, headers, by: index, atUs: nowUs)
        } else if id.hasPrefix(Self.subscribed), let slot = Int(id.dropFirst()) {
            subscribed(slot, headers, by: index)
        } else if id.hasPrefix(Self.acknowledged) {
            guard let (slot, offset) = acknowledgement(id, by: index) else {
                tally.strayed += 1
                return
            }
            tally.acknowledged += 1
            members[index].memberships[slot].check.confirm(offset)
        } else if id == Self.goodbye {
            if members[index].waitsForReceipts { tally.earlyGoodbyes += 1 }
        } else {
            tally.strayed += 1
        }
    }

    /// What the receipt of an acknowledgement speaks of.
    private func acknowledgement(_ id: String, by index: Int) -> (slot: Int, offset: Int64)? {
        let numbers = id.dropFirst().split(separator: "-").compactMap { Int64($0) }
        guard id.hasPrefix(Self.acknowledged), numbers.count == 2,
            members[index].memberships.indices.contains(Int(numbers[0]))
        else { return nil }
        return (Int(numbers[0]), numbers[1])
    }

    /// The server could not take note of what was acknowledged; nothing where that was no
    /// acknowledgement, but what somebody reads or types.
    private func doubt(_ receipt: String, by index: Int) {
        guard let (slot, offset) = acknowledgement(receipt, by: index) else { return }
        members[index].memberships[slot].check.refuse(offset)
    }

    private func stored(_ receipt: Int64, _ headers: STOMPHeaders, by index: Int, atUs nowUs: Int64)
    {
        guard let letter = members[index].acknowledge(receipt) else {
            tally.strayed += 1
            return
        }
        let room = members[index].memberships[letter.slot].room
        let position = headers.value(of: "position")
        guard let place = RoomChronicle.Position(position) else {
            tally.strayed += 1
            return
        }
        tally.receipts += 1
        if headers.value(of: "duplicate") == "true" { tally.duplicatesAnswered += 1 }
        if members[index].hasSentAtOnce(letter.writtenUs), !hasBeenDeaf(index) {
            receiptLatency.record(nowUs - letter.writtenUs)
        }
        let message = RoomLedger.Message(author: UInt32(index), number: letter.number)
        if !chronicles[room].store(message, at: place) { tally.contradicted += 1 }
        journal?.stored(
            room: rooms[room].name, key: key(of: letter, from: index), position: position ?? "")
    }

    private func subscribed(_ slot: Int, _ headers: STOMPHeaders, by index: Int) {
        guard members[index].memberships.indices.contains(slot),
            let position = RoomChronicle.Position(headers.value(of: "position"))
        else {
            tally.strayed += 1
            return
        }
        var membership = members[index].memberships[slot]
        defer { members[index].memberships[slot] = membership }
        let answer = headers.value(of: "resume")
        if membership.check.highest != nil {
            tally.resumes += 1
            if answer == "reset" { tally.resets += 1 }
            if answer == "gap" { tally.gaps += 1 }
        }
        if !chronicles[membership.room].note(position.epoch) { tally.contradicted += 1 }
        if membership.epoch != position.epoch {
            let isTold = membership.epoch.isEmpty || answer == "reset" || membership.mayBeMoved
            if !isTold { tally.contradicted += 1 }
            membership.follow(position.epoch, after: position.offset)
        } else if answer == "reset", membership.acknowledging != nil {
            // Of what the server kept of a life before this one, nothing had been acknowledged since.
            tally.told += max(0, position.offset - (membership.check.highest ?? 0))
            membership.follow(position.epoch, after: position.offset)
        } else {
            switch membership.check.answer(position.offset) {
            case .inPlace: break
            case .skipped(let count):
                tally.lost += count
                membership.missedBeforeAnswer += count
            case .behind: tally.contradicted += 1
            }
            if answer == "gap" {
                tally.lost -= membership.missedBeforeAnswer
                tally.told += membership.missedBeforeAnswer
            }
        }
        membership.isAnswered = true
    }

    /// The server refused a frame and goes on. A message that it could not take now is sent again.
    private func refuse(_ headers: STOMPHeaders, to index: Int) {
        let code = headers.value(of: "code") ?? "no code"
        guard code == "store-unavailable" || code == "too-fast",
            let receipt = headers.value(of: "receipt-id").flatMap({ Int64($0) }),
            let letter = members[index].refuse(receipt)
        else {
            if code == "store-unavailable", options.mayHaveOutages {
                tally.refused += 1
                doubt(headers.value(of: "receipt-id") ?? "", by: index)
            } else {
                failures.add(.refused(code))
            }
            return
        }
        tally.refused += 1
        refusedLetters[members[index].memberships[letter.slot].room].insert(
            RoomLedger.Message(author: UInt32(index), number: letter.number))
        let delayMs = headers.value(of: "retry-after-ms").flatMap { Int64($0) } ?? 1_000
        due.append(
            .letter(client: index, receipt: receipt, atUs: clients.nowUs + delayMs * 1_000))
    }
}
