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
                let chronicle = chronicles[membership.room]
                // Who was never told of the newest life has nothing of it.
                let highest =
                    membership.epoch == chronicle.epoch ? membership.check.highest ?? 0 : 0
                tally.lost += max(0, chronicle.top - highest)
                for (epoch, highest) in membership.left {
                    tally.told += max(0, chronicle.top(of: epoch) - highest)
                }
            }
        }
        for (room, chronicle) in chronicles.enumerated() {
            let audit = chronicle.audit(written: written[room]) {
                refusedLetters[room].contains($0)
            }
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
            elapsedUs: clients.nowUs - timeline.startUs, ofUs: nil,
            facts + tally.wrong(besideOutages: options.mayHaveOutages))
    }

    func usage() -> UsageTrack.Reading {
        UsageTrack.Reading(server: nil)
    }

    func report(generator: UsageWindow?, seconds: Double) -> SoakReport {
        SoakReport(
            connections: members.count, rooms: rooms.count, roomIDs: rooms.map(\.name),
            nodes: options.nodes.names, mayHaveOutages: options.mayHaveOutages,
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
