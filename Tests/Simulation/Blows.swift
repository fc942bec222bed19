import Engine
import TestSupport

/// The big faults, and how they heal.
extension World {
    /// Lets one of the weather's faults come now and then, as long as it rages.
    func rage() {
        guard !weather.blows.isEmpty else { return }
        timeline.after(dice.within(0...(2 * weather.calmMs))) { [self] in
            guard weather.isRaging else { return }
            strike(dice.pick(weather.blows))
            rage()
        }
    }

    private func strike(_ blow: Blow) {
        trace.add(.blow, 0, UInt64(Blow.allCases.firstIndex(of: blow) ?? 0)) { "\(blow)" }
        switch blow {
        case .nodeCrash: crashNode()
        case .brokenHubLine:
            counts.count(.brokenHubLine)
            dice.pick(nodes).bridge.lose()
        case .partition: partitionNode()
        case .hubCrash, .lostData: crashHub(losesData: blow == .lostData)
        case .hubRefusal: refuse()
        case .commitStall:
            counts.count(.commitStall)
            core.stall(forMs: dice.within(500...6_000))
        case .loopStall:
            counts.count(.loopStall)
            let node = dice.pick(nodes)
            if node.isAlive { timeline.rest(dice.pick(node.loops), forMs: dice.within(20...3_000)) }
        case .clockStep:
            counts.count(.clockStep)
            dice.pick(nodes).skew.advance(byMs: dice.within(-7_200_000...7_200_000))
        case .brokenClientLine:
            counts.count(.brokenClientLine)
            dice.pick(clients).breakLine(noticedAfterMs: dice.within(0...100))
        case .silentClientLine:
            counts.count(.silentClientLine)
            dice.pick(clients).breakLine(noticedAfterMs: dice.within(5_000...20_000))
        case .heldClientLine: holdClient()
        case .clientCrash:
            counts.count(.clientCrash)
            dice.pick(clients).crash()
        case .lull: lull()
        case .failover, .demotion, .flush, .subscriberOverrun, .silentConnection,
            .forgottenScripts:
            if let redis { strike(redis, blow) }
        }
    }

    private func strike(_ redis: SimulatedRedis, _ blow: Blow) {
        switch blow {
        case .failover:
            guard redis.isUp else { return }
            counts.count(.failover)
            redis.crash()
            timeline.after(dice.within(50...3_000)) { redis.restartFromReplica() }
        case .demotion:
            counts.count(.demotion)
            redis.demote(forMs: dice.within(50...3_000))
        case .flush:
            counts.count(.flush)
            redis.loseData()
        case .subscriberOverrun:
            counts.count(.subscriberOverrun)
            redis.overrun()
        case .silentConnection:
            counts.count(.silentConnection)
            (dice.pick(nodes).bridge as? RedisBridge)?.silenceOne(
                forMs: dice.within(500...10_000))
        case .forgottenScripts:
            counts.count(.forgottenScripts)
            redis.forgetScripts()
        default:
            preconditionFailure("\(blow) befalls every core")
        }
    }

    private func crashNode() {
        let place = dice.below(nodes.count)
        guard nodes[place].isAlive else { return }
        counts.count(.nodeCrash)
        crash(nodes[place])
        timeline.after(dice.within(100...4_000)) { [self] in restart(place) }
    }

    private func partitionNode() {
        let node = dice.pick(nodes)
        counts.count(.partition)
        node.bridge.partition(true)
        timeline.after(dice.within(100...8_000)) { node.bridge.partition(false) }
    }

    private func crashHub(losesData: Bool) {
        guard core.isUp else { return }
        counts.count(losesData ? .lostData : .hubCrash)
        core.crash()
        timeline.after(dice.within(50...3_000)) { [self] in
            losesData ? core.restartEmpty() : core.restart()
        }
    }

    private func refuse() {
        counts.count(.hubRefusal)
        core.isRefusing = true
        timeline.after(dice.within(100...3_000)) { [self] in core.isRefusing = false }
    }

    /// Everybody leaves all rooms, and comes back about the time that the rooms give up.
    private func lull() {
        guard !isLulled else { return }
        isLulled = true
        counts.count(.lull)
        for client in clients { client.nap(forMs: dice.within(29_500...31_000)) }
    }

    private func holdClient() {
        guard let line = dice.pick(clients).line else { return }
        counts.count(.heldClientLine)
        line.hold(true)
        timeline.after(dice.within(50...3_000)) { line.hold(false) }
    }

    /// Ends what still rages. What was about to heal by itself does so in its time.
    func heal() {
        weather.isRaging = false
    }
}
