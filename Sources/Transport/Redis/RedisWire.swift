import Engine

/// What comes of a connection, in order.
package enum RedisWireEvent: Sendable, Equatable {
    /// The connection is established. Comes first, or not at all.
    case opened
    /// A reply, or what is pushed to a subscriber. An error on its own comes as `.error`.
    case received(RedisValue)
    /// The connection is gone or was never established, and why. Comes last.
    case closed(String)
}

/// One connection to a Redis server, as a link uses it. Everything happens on the link's loop.
package protocol RedisWire: AnyObject, Sendable {
    /// Puts a command with its arguments behind those before. What is sent in one turn of the loop
    /// goes out together, once the connection is established. Where it is gone, nothing happens:
    /// `closed` has been reported or is about to be.
    func send(_ command: [[UInt8]])

    /// Closes the connection. Nothing is reported any more.
    func close()
}

/// Opens connections: through hiredis, or in a simulated network.
package protocol RedisNetwork: Sendable {
    /// Begins to connect, and returns at once. `receive` is called on the loop, never within this
    /// call.
    func open(
        to endpoint: RedisEndpoint, on loop: any Loop,
        _ receive: @escaping @Sendable ([RedisWireEvent]) -> Void
    ) -> any RedisWire
}

/// Where a server listens.
public struct RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
