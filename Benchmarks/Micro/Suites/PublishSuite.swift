import Engine
import Transport

/// The path of a message through a node: from the bytes of a masked WebSocket frame to the broker,
/// and further to the members' sockets. An operation is one publish.
enum PublishSuite {
    static let benchmarks: [Benchmark] = [
        routing("publish.route", frameCount: 1, receipt: nil),
        routing("publish.route.receipt", frameCount: 1, receipt: "r-1"),
        routing("publish.route.32-at-once", frameCount: 32, receipt: nil),
        passing("publish.topic.1-member", Stage.Setting(memberCount: 1)),
        passing("publish.topic.10-members", Stage.Setting()),
        passing("publish.topic.10-members.receipt", Stage.Setting(), receipt: "r-1"),
        passing("publish.topic.10-members.16-a-tick", Stage.Setting(), frameCount: 16),
        passing(
            "publish.topic.10-members.deflated",
            Stage.Setting(offersDeflate: true)),
        passing("publish.topic.10-members.10-ids", Stage.Setting(sharesID: false)),
        passing("publish.topic.1000-members", Stage.Setting(memberCount: 1_000)),
        exchanging("publish.topic.10-members.receipt.sockets", memberCount: 10),
        storing("publish.durable.10-members", receipt: nil),
        storing("publish.durable.10-members.receipt", receipt: "r-1"),
        delivering("fanout.delivery.1000-members", memberCount: 1_000),
    ]

    /// From received bytes up to the broker's append, which does nothing.
    private static func routing(_ name: String, frameCount: Int, receipt: String?) -> Benchmark {
        Benchmark(name) { name, meter in
            let broker = RoutingBroker()
            return try await Stage.with(Stage.Setting(memberCount: 0), broker) { stage in
                broker.fallSilent()
                let bytes = frames(frameCount, receipt: receipt)
                let publisher = stage.publisher
                return await stage.measure(name, meter) { reactor, count in
                    let before = broker.appendCount
                    let times = count / frameCount
                    for _ in 0..<times { reactor.receive(bytes.span, at: publisher) }
                    let appended = broker.appendCount - before
                    precondition(appended == times * frameCount, "every frame was published")
                    return appended
                }
            }
        }
    }

    /// The whole way of a message that nobody keeps, `frameCount` of them a tick.
    private static func passing(
        _ name: String, _ setting: Stage.Setting, frameCount: Int = 1, receipt: String? = nil
    ) -> Benchmark {
        Benchmark(name) { name, meter in
            try await EmbeddedBroker.with { broker in
                try await Stage.with(setting, broker) { stage in
                    let bytes = frames(frameCount, receipt: receipt)
                    let publisher = stage.publisher
                    return await stage.measure(name, meter) { reactor, count in
                        let before = Work.soFar.sends
                        for _ in 0..<count / frameCount {
                            reactor.receive(bytes.span, at: publisher)
                            reactor.finishTick()
                        }
                        return Int(Work.soFar.sends - before)
                    }
                }
            }
        }
    }

    /// The same from socket to sockets: epoll, and every call that receives and sends, the clients'
    /// own included. It shows that what is measured without the kernel hides no allocation.
    private static func exchanging(_ name: String, memberCount: Int) -> Benchmark {
        Benchmark(name) { name, meter in
            try await EmbeddedBroker.with { broker in
                let setting = Stage.Setting(memberCount: memberCount)
                return try await Stage.with(setting, broker) { stage in
                    let frame = frames(1, receipt: "r-1")
                    let descriptors = stage.descriptors
                    return await stage.measureSending(name, meter, counting: 4_096) {
                        reactor, count in
                        var ready: [Readiness] = []
                        var buffer = [UInt8](repeating: 0, count: 4_096)
                        for _ in 0..<count {
                            _ = Socket.send(descriptors[0], frame)
                            reactor.tick(&ready)
                            for descriptor in descriptors {
                                let transfer = Socket.receive(descriptor, into: &buffer)
                                precondition(transfer != .wouldBlock, "everybody gets something")
                            }
                        }
                        return buffer.count
                    }
                }
            }
        }
    }

    /// The whole way of a message that is stored: what the loop's thread has to do. Each one is a
    /// commit of its own, so that every run does the same.
    private static func storing(_ name: String, receipt: String?) -> Benchmark {
        Benchmark(name) { name, meter in
            try await EmbeddedBroker.with { embedded in
                let broker = AwaitedBroker(embedded)
                let setting = Stage.Setting(retention: Retention(countMax: 10_000))
                return try await Stage.with(setting, broker) { stage in
                    broker.awaitReplies(1)
                    let bytes = frames(1, receipt: receipt)
                    let publisher = stage.publisher
                    return await stage.measure(name, meter, counting: 200) { reactor, count in
                        for _ in 0..<count {
                            reactor.receive(bytes.span, at: publisher)
                            broker.awaitReplies(1)
                            reactor.finishTick()
                        }
                        return count
                    }
                }
            }
        }
    }

    /// What a member more costs: here an operation is one delivery, and a publication's own cost is
    /// shared by all members.
    private static func delivering(_ name: String, memberCount: Int) -> Benchmark {
        Benchmark(name) { name, meter in
            try await EmbeddedBroker.with { broker in
                let setting = Stage.Setting(memberCount: memberCount)
                return try await Stage.with(setting, broker) { stage in
                    let bytes = frames(1, receipt: nil)
                    let publisher = stage.publisher
                    return await stage.measure(
                        name, meter, counting: 100 * memberCount
                    ) { reactor, count in
                        let before = Work.soFar.sends
                        for _ in 0..<count / memberCount {
                            reactor.receive(bytes.span, at: publisher)
                            reactor.finishTick()
                        }
                        let sent = Int(Work.soFar.sends - before)
                        precondition(sent == count, "every member was sent every message")
                        return sent
                    }
                }
            }
        }
    }

    private static func frames(_ count: Int, receipt: String?) -> [UInt8] {
        let frame = Sample.masked(Sample.send(to: Stage.destination, receipt: receipt))
        return Array(repeatElement(frame, count: count).joined())
    }
}
