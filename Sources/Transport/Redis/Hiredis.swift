import Engine

/// The real network: connections through hiredis, on event loops only.
struct Hiredis: RedisNetwork {
    func open(
        to endpoint: RedisEndpoint, on loop: any Loop,
        _ receive: @escaping @Sendable ([RedisWireEvent]) -> Void
    ) -> any RedisWire {
        guard let loop = loop as? EventLoop else {
            preconditionFailure("real connections need a real loop")
        }
        return RedisConnection(to: endpoint, on: loop, receive)
    }
}
