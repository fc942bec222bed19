import Measure
import Testing

@testable import LoadTest

struct NodesTests {
    private func urls(_ count: Int) -> [String] {
        (0..<count).flatMap { ["--url", "ws://127.0.0.\($0 + 1):80/stomp/chat"] }
    }

    private func run(_ arguments: [String]) throws(FlagError) -> RunOptions {
        guard case .run(let options) = try Invocation(["run"] + arguments) else {
            throw .contradiction("another command was understood")
        }
        return options
    }

    @Test func `every url is a node, in order`() throws {
        let options = try run(urls(3) + ["--scenario", "chat"])
        #expect(options.nodes.names == ["127.0.0.1:80", "127.0.0.2:80", "127.0.0.3:80"])
        #expect(options.target.authority == "127.0.0.1:80")
        #expect(
            options.plotSubtitle == [
                "ws://127.0.0.1:80 ws://127.0.0.2:80 ws://127.0.0.3:80, stomp, texts of 200 bytes"
            ])
    }

    @Test func `nodes speak the same`() {
        #expect(throws: FlagError.contradiction("every --url must begin with the same ws://")) {
            try run(urls(1) + ["--url", "mqtt://127.0.0.1", "--scenario", "chat"])
        }
        #expect(throws: FlagError.missingFlag("--url")) { try run(["--scenario", "chat"]) }
    }

    @Test func `the members of a room are spread over all nodes, and all nodes have as many`()
        throws
    {
        let options = try run(
            urls(3) + ["--scenario", "chat", "--connections", "36", "--rooms", "6"])
        let rooms = (0..<6).map { options.templates.room(String($0)) }
        let cast = Cast(options, rooms: rooms, credentials: .nothing)
        for room in 0..<6 {
            let nodes = (0..<6).map { cast.node(of: room + $0 * 6) }
            #expect(Set(nodes) == [0, 1, 2])
        }
        for node in 0..<3 {
            #expect((0..<36).count { cast.node(of: $0) == node } == 12)
            let address = options.nodes.targets[node].address
            #expect((0..<36).count { cast.plan($0).address == address } == 12)
        }
    }

    @Test func `who only publishes does so on another node than the first who listen`() throws {
        let options = try run(
            urls(3) + ["--scenario", "storm", "--connections", "3", "--rooms", "3"])
        let rooms = (0..<3).map { options.templates.room(String($0)) }
        let cast = Cast(options, rooms: rooms, credentials: .nothing)
        for room in 0..<3 {
            let publisher = cast.plan(cast.publisher(ofRoom: room, sender: 0))
            #expect(publisher.address != cast.plan(room).address)
        }
    }

    @Test func `a process is a node's where there are as many of both`() throws {
        let chat = urls(2) + ["--scenario", "chat", "--pid"]
        let each = try run(chat + ["7", "--pid", "8"])
        #expect((0..<2).map { each.pids(ofNode: $0) } == [[7], [8]])
        let together = try run(chat + ["7,8,9"])
        #expect((0..<2).map { together.pids(ofNode: $0) } == [[], []])
        #expect(together.serverPIDs == [7, 8, 9])
    }

    @Test func `outages belong to a soak`() throws {
        #expect(try run(urls(2) + ["--scenario", "soak", "--outages"]).mayHaveOutages)
        #expect(try !run(urls(2) + ["--scenario", "soak"]).mayHaveOutages)
        #expect(throws: FlagError.contradiction("--outages means nothing to the scenario chat")) {
            try run(urls(2) + ["--scenario", "chat", "--outages"])
        }
    }

    @Test func `a report tells what each node did`() throws {
        let node = NodeUsage(node: "127.0.0.1:80", deliveries: 1_200, usage: nil)
        #expect(node.facts == ["1,200 delivered"])
        #expect(node.cpuPerDeliveryUs == nil)
    }
}
