import Measure
import Transport

/// How the clients of a soak come and go.
extension SoakRun {
    /// What the receipt of DISCONNECT is called.
    static let goodbye = "bye"
    /// A segment's bytes on most networks.
    private static let ethernetBytes: Int32 = 1_460
    /// How long somebody who was deaf needs to hear what was said meanwhile, in microseconds.
    private static let deafUs: Int64 = 2_000_000

    /// Does what the client has planned for now.
    func wake(_ index: Int) {
        switch members[index].phase {
        case .away: connect(index)
        case .online: leave(index)
        case .deaf: listen(index)
        case .connecting, .leaving: giveUp(index)
        }
    }

    /// What the client does next, it does after so much time.
    func plan(_ index: Int, afterUs delayUs: Int64) {
        wakeUs[index] = clients.nowUs + delayUs
    }

    private func connect(_ index: Int) {
        guard clients.connectingCount < options.connectingMax else {
            return plan(index, afterUs: 5_000)
        }
        let targets = options.nodes.targets
        let target = targets[(index + members[index].connectionCount) % targets.count]
        members[index].connectionCount += 1
        var task = DialogueTask(
            authority: target.authority, path: target.path.text(room: "", client: index))
        task.identity = credentials.identity(ofConnection: index)
        task.httpHeaders = options.httpHeaders
        task.connectHeaders = options.connectHeaders
        let dialogue = FrameDialogue(task)
        var plan = ClientPlan(dialogue: dialogue, address: target.address)
        // Or the kernel would keep megabytes of what somebody does not read.
        if SoakHabits.isBusy(index) { plan.segmentBytesMax = Self.ethernetBytes }
        do throws(ClientFailure) {
            try clients.open(index, plan)
        } catch {
            tally.unconnected += 1
            return self.plan(index, afterUs: members[index].backOff(using: &habits.random))
        }
        dialogues[index] = dialogue
        members[index].phase = .connecting
        self.plan(index, afterUs: Self.answerUs)
    }

    // MARK: Going

    /// Leaves in one of the ways there are. Nobody does before all are there, or once all settle.
    private func leave(_ index: Int) {
        guard step == .running, let client = clients[index] else {
            wakeUs[index] = .max
            return
        }
        switch habits.departure(of: index) {
        case .clean:
            say(STOMPFrame(.disconnect, [(name: "receipt", value: Self.goodbye)]), on: client)
            members[index].phase = .leaving
            plan(index, afterUs: Self.answerUs)
        case .deaf:
            client.isReading = false
            members[index].phase = .deaf
            plan(index, afterUs: habits.deafness())
        case .midFrame:
            guard let letter = members[index].write(slot: 0, atUs: clients.nowUs) else {
                fallthrough
            }
            tally.published += 1
            tally.leftMidFrame += 1
            sayHalf(of: letter, on: client)
            cut(index)
        case .abrupt:
            tally.leftAbruptly += 1
            cut(index)
        }
    }

    private func cut(_ index: Int) {
        clients.cut(index)
        gone(index, untilUs: clients.nowUs + habits.absence())
    }

    /// Reads on after a while of not reading. A server that has had enough of it has closed the
    /// connection meanwhile, which is heard of only now.
    private func listen(_ index: Int) {
        members[index].phase = .online
        members[index].listensSinceUs = clients.nowUs
        clients[index]?.isReading = true
        plan(index, afterUs: habits.stay())
    }

    /// Whether what a client hears may be old, because it did not listen until lately.
    func hasBeenDeaf(_ index: Int) -> Bool {
        members[index].phase == .deaf
            || clients.nowUs - members[index].listensSinceUs < Self.deafUs
    }

    /// Nothing came for as long as anybody is willing to wait.
    private func giveUp(_ index: Int) {
        let question = members[index].phase == .leaving ? "DISCONNECT" : "CONNECT"
        failures.add(.timedOut("an answer to \(question)"))
        clients.cut(index)
        gone(index, untilUs: clients.nowUs + members[index].backOff(using: &habits.random))
    }

    private func gone(_ index: Int, untilUs: Int64) {
        if options.mayHaveOutages {
            for slot in members[index].memberships.indices {
                members[index].memberships[slot].check.doubt()
            }
        }
        members[index].disconnected()
        dialogues[index] = nil
        wakeUs[index] = untilUs
    }

    // MARK: Hearing of it

    func opened(_ connection: ClientConnection) {
        let index = connection.index
        members[index].connected(atUs: clients.nowUs)
        plan(index, afterUs: habits.stay())
        say(
            STOMPFrame(
                .subscribe,
                [(name: "id", value: Self.errors), (name: "destination", value: Self.errorQueue)]),
            on: connection)
        for slot in members[index].memberships.indices { subscribe(slot, on: connection) }
        if index.isMultiple(of: SoakHabits.listeningShare) {
            let room = rooms[members[index].memberships[0].room].name
            say(
                STOMPFrame(
                    .subscribe,
                    [
                        (name: "id", value: Self.events),
                        (name: "destination", value: "/sub/events/\(room)"),
                    ]), on: connection)
        }
        for letter in members[index].outbox { send(letter, on: connection) }
    }

    private func subscribe(_ slot: Int, on connection: ClientConnection) {
        let membership = members[connection.index].memberships[slot]
        var headers = [
            (name: "id", value: id(of: slot, of: connection.index)),
            (
                name: "destination",
                value: options.templates.subscribe.text(
                    room: rooms[membership.room].name, client: connection.index)
            ),
            (name: "receipt", value: "\(Self.subscribed)\(slot)"),
        ]
        if let acknowledging = membership.acknowledging {
            headers.append((name: "ack", value: acknowledging.rawValue))
            headers.append((name: "durable", value: "true"))
        } else if let offset = membership.check.highest {
            headers.append((name: "position", value: "\(membership.epoch):\(offset)"))
        }
        say(STOMPFrame(.subscribe, headers), on: connection)
    }

    /// Most share theirs, as clients in the field do. What a user leaves to the server has a name of
    /// its own, since several clients are the same user.
    private func id(of slot: Int, of index: Int) -> String {
        members[index].memberships[slot].acknowledging == nil ? "\(slot)" : "\(slot)-\(index)"
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        let index = connection.index
        let delayUs = delaysUs.removeValue(forKey: index)
        if step == .over { return }
        count(why, of: index)
        // Whoever has said goodbye stays away, unless all are to come back now.
        let isByItself = why == .closed(.normal) && step == .running
        let awayUs =
            delayUs
            ?? (isByItself ? habits.absence() : members[index].backOff(using: &habits.random))
        gone(index, untilUs: clients.nowUs + awayUs)
        members[index].isToldToWait = delayUs != nil
    }

    /// Counts a connection that was closed by the kind of its end.
    private func count(_ why: ClientFailure, of index: Int) {
        let phase = members[index].phase
        switch why {
        case .closed(.normal) where phase == .leaving:
            tally.leftClean += 1
        case .refused("going-away"):
            tally.toldGoingAway += 1
        case .refused("too-slow"):
            tally.toldTooSlow += 1
        case .refused("store-unavailable") where options.mayHaveOutages:
            tally.turnedAway += 1
        case .disconnected, .system, .closed(nil):
            if phase == .connecting {
                tally.unconnected += 1
            } else {
                tally.cutOff += 1
                // Who was deaf may hear of it long after it happened, and may have been too slow.
                if !hasBeenDeaf(index) { cutOffs[clients.nowUs / 1_000_000, default: 0] += 1 }
            }
        case .closed, .refused, .notOpened, .brokenProtocol, .timedOut, .serverEnded, .stopped:
            failures.add(why)
        }
    }
}
