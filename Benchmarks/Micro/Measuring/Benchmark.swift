/// Something worth measuring again and again.
struct Benchmark: Sendable {
    /// Where it belongs, and what is done: `websocket.parse`.
    let name: String
    private let body: @Sendable (_ name: String, Meter) async throws -> Measurement

    /// A benchmark that needs to prepare, or another thread.
    init(
        _ name: String,
        body: @escaping @Sendable (_ name: String, Meter) async throws -> Measurement
    ) {
        self.name = name
        self.body = body
    }

    /// A benchmark of a synchronous operation; `make` prepares it and returns what does as many
    /// operations as it is told.
    init(_ name: String, _ make: @escaping @Sendable () -> (Int) -> Int) {
        self.init(name) { name, meter in
            let operations = make()
            return meter.measure(name, operations)
        }
    }

    /// Prepares, and measures.
    func run(with meter: Meter) async throws -> Measurement {
        try await body(name, meter)
    }
}
