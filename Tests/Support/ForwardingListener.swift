import Engine

/// A listener that calls a closure.
public final class ForwardingListener: StreamListener {
    private let forward: @Sendable ([Publication]) -> Void

    public init(_ forward: @escaping @Sendable ([Publication]) -> Void) {
        self.forward = forward
    }

    public func announced(_ publications: [Publication], epoch: Epoch) {
        forward(publications)
    }
}
