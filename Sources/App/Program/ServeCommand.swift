import App
import Transport

/// `petnexus serve`: runs a node until it is told to end.
struct ServeCommand {
    let configuration: Configuration

    func run(until end: EndRequest) async throws(Failure) {
        let log = Log(configuration.logLevel)
        ThisProcess.raiseDescriptorLimit()
        // Redis is there for several to serve from.
        let lock = configuration.redis.isEmpty ? try ServeLock(directory: configuration.data) : nil
        let node = try await Node(configuration, log: log)
        let addresses = try await node.listen(configuration)
        end.expect()
        log.info(
            "listening",
            [
                "url": "http://\(addresses.web)", "data": place, "loops": configuration.loops,
            ])
        if let name = node.name { log.info("serving-as", ["node": name]) }
        if let stomp = addresses.stomp { log.info("listening-stomp", ["address": stomp]) }
        let signal = await end.wait()
        // From here on, a second signal ends the process at once.
        node.readiness.end()
        log.info("draining", ["connections": node.census.total])
        let lead = signal == ThisProcess.interrupt ? .zero : configuration.drainLead
        ThisProcess.end(within: lead + Node.stopMax(draining: configuration.drain)) {
            // What has no receipt may be lost now, as when the process is killed.
            log.warning("stopped-unfinished")
        }
        if lead > .zero {
            // Whoever deals out connections looks at /readyz before it sends us no more of them.
            try? await Task.sleep(for: lead)
        }
        await node.stop(draining: configuration.drain)
        log.info("stopped")
        _ = consume lock
    }

    /// Where the data is, without passwords.
    private var place: String {
        configuration.redis.isEmpty
            ? configuration.data
            : configuration.redis.map(\.description).joined(separator: " ")
    }
}
