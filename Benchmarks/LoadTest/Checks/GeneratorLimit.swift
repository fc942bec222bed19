/// Tells whether the load tester, and not the server, was what bounded a run.
enum GeneratorLimit {
    /// Of a core. A thread that is busier has no time left to wait for the server.
    private static let busyShareMax = 0.9
    /// Messages that leave later make the latencies the generator's own.
    private static let latenessP99MsMax = 10.0

    /// A sentence for each reason to mistrust the figures. `busyShare` is that of the thread that
    /// sends and receives.
    static func warnings(busyShare: Double, latenessP99Ms: Double) -> [String] {
        var warnings: [String] = []
        if busyShare >= busyShareMax {
            warnings.append(
                "the generator was the limit: its thread was busy "
                    + "\((busyShare * 100).fixed(0)) % of the time")
        }
        if latenessP99Ms > latenessP99MsMax {
            warnings.append(
                "the generator was late by p99 \(latenessP99Ms.fixed(1)) ms: latencies are partly "
                    + "its own, or its machine's")
        }
        return warnings
    }
}
