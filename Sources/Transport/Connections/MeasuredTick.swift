import Engine

/// A tick without the kernel: lets a benchmark drive messages through a reactor, on its thread.
extension Reactor {
    /// Takes bytes as if a connection's peer had sent them just now.
    package func receive(_ bytes: Span<UInt8>, at endpoint: Endpoint) {
        guard let connection = connection(at: endpoint) else { return }
        receive(bytes, over: connection)
    }

    /// Runs what that caused, and writes what it produced.
    package func finishTick() {
        eventLoop.drain()
        flush()
    }
}
