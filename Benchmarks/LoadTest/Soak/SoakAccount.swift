import Measure

/// What a soak comes to.
extension SoakRun {
    /// Adds what only the end can tell: what somebody still lacks, and what is wrong with rooms as a
    /// whole.
    func audit() {
        var written: [[UInt32: UInt32]] = Array(repeating: [:], count: rooms.count)
        for (index, member) in members.enumerated() {
            tally.receiptsMissing += Int64(member.outbox.count)
            for membership in member.memberships {
                written[membership.room][UInt32(index)] = membership.writtenCount
                let highest = membership.check.highest ?? 0
                tally.lost += max(0, ledgers[membership.room].top - highest)
            }
        }
        for (room, ledger) in ledgers.enumerated() {
            let audit = ledger.audit(written: written[room]) { refusedLetters[room].contains($0) }
            tally.lost += audit.missing
            tally.duplicated += audit.repeated
            tally.reordered += audit.late
        }
    }

    var standing: Standing {
        let online = members.count { $0.phase == .online }
        let facts = [
            "\(online.grouped) of \(members.count.grouped) online",
            "published \(tally.published.grouped)", "receipts \(tally.receipts.grouped)",
            "resent \(tally.resent.grouped)", "cut off \(tally.cutOff.grouped)",
        ]
        return Standing(
            elapsedUs: clients.nowUs - timeline.startUs, ofUs: nil, facts + tally.wrong)
    }

    func usage() -> UsageTrack.Reading {
        UsageTrack.Reading(server: nil)
    }

    func report(generator: UsageWindow?, seconds: Double) -> SoakReport {
        SoakReport(
            connections: members.count, rooms: rooms.count, roomIDs: rooms.map(\.name),
            seed: options.seed, seconds: seconds,
            subscriptions: members.reduce(0) { $0 + $1.memberships.count }, tally: tally,
            cutOffs: cutOffs.sorted { $0.key < $1.key }.map {
                SoakReport.CutOff(atSecond: $0.key, count: $0.value)
            },
            failures: failures.lines, latency: LatencySummary(latency),
            receiptLatency: LatencySummary(receiptLatency), generator: generator,
            timeline: TimelineSummary(timeline))
    }
}
