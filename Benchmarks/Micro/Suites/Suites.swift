/// Every benchmark there is, in the order of the table.
enum Suites {
    static let benchmarks =
        WebSocketSuite.benchmarks + STOMPSuite.benchmarks + HTTPSuite.benchmarks
        + LoopSuite.benchmarks + PublishSuite.benchmarks + ChatSuite.benchmarks
        + IdentitySuite.benchmarks
}
