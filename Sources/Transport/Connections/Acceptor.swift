/// A listening socket whose connections are dealt to the loops in turn.
final class Acceptor {
    let socket: Socket
    private let service: Service
    private let reactors: [Reactor]
    private var next = 0

    /// How long accepting rests when descriptors have run out, in milliseconds.
    static let pauseMs: Int64 = 100
    /// Connections accepted before the loop turns to its other work.
    private static let burstMax = 256

    enum Outcome {
        case idle
        /// No more can be opened until some are closed.
        case exhausted
    }

    init(socket: Socket, service: Service, reactors: [Reactor]) {
        self.socket = socket
        self.service = service
        self.reactors = reactors
    }

    /// Accepts what waits. A connection beyond the census' bounds is closed at once.
    func acceptAll() -> Outcome {
        for _ in 0..<Self.burstMax {
            switch socket.accept() {
            case .none: return .idle
            case .exhausted: return .exhausted
            case .connection(let descriptor, let peer):
                guard service.census.admit(peer.host) else {
                    Socket.close(descriptor)
                    continue
                }
                let reactor = reactors[next]
                next = (next + 1) % reactors.count
                let service = service
                reactor.eventLoop.post {
                    reactor.assumeIsolated {
                        $0.adopt(descriptor, from: peer.host, for: service)
                    }
                }
            }
        }
        return .idle
    }
}
