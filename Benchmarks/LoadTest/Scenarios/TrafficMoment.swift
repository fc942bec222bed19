import Measure

/// What was true at the border of a measured window.
struct TrafficMoment {
    let atUs: Int64
    let threadCPUUs: Int64
    let tally: DeliveryCheck.Tally
    let receivedBytes: Int
    let own: ProcessUsage
    let server: ProcessUsage?
    /// Of each node, where there are as many processes as nodes.
    let nodes: [ProcessUsage?]
    /// To the members of each node so far.
    let nodeDeliveries: [Int64]

    /// What is true now.
    init(
        tally: DeliveryCheck.Tally, nodeDeliveries: [Int64], _ clients: ClientLoop,
        _ options: RunOptions
    ) {
        atUs = MonotonicClock.nowUs()
        threadCPUUs = MonotonicClock.threadCPUUs()
        self.tally = tally
        receivedBytes = clients.receivedBytes
        own = .own
        server = ProcessUsage(ofServer: options.serverPIDs)
        nodes = options.nodes.names.indices.map { ProcessUsage(ofServer: options.pids(ofNode: $0)) }
        self.nodeDeliveries = nodeDeliveries
    }
}

extension ProcessUsage {
    /// The server's processes with their children; nil where none was named, or one is gone.
    init?(ofServer pids: [Int32]) {
        guard !pids.isEmpty else { return nil }
        self.init(ofTrees: pids)
    }
}

extension UsageTrack.Reading {
    /// What the server and this process have used by now.
    init(server: ProcessUsage?) {
        self.init(
            serverCPUUs: server?.cpuUs, serverResidentBytes: server?.residentBytes,
            generatorCPUUs: ProcessUsage.own.cpuUs)
    }
}
