import App
import Transport

/// `petnexus serve`: runs a node until it is told to end.
struct ServeCommand {
    let configuration: Configuration

    func run(until end: EndRequest) async throws(Failure) {
        let log = Log(configuration.logLevel)
        ThisProcess.raiseDescriptorLimit()
        let lock = try ServeLock(directory: configuration.data)
        let node = try Node(configuration, log: log)
        let addresses = try await node.listen(configuration)
        end.expect()
        log.info(
            "listening",
            [
                "url": "http://\(addresses.web)", "data": configuration.data,
                "loops": configuration.loops,
            ])
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
}
