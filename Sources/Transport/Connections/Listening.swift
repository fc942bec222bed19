/// How a reactor comes by its connections.
extension Reactor {
    /// Listens, dealing accepted connections to `reactors` in turn.
    func listen(on socket: sending Socket, for service: Service, dealingTo reactors: [Reactor])
        throws(SystemError)
    {
        let tag = Self.acceptorTag + UInt64(acceptors.count)
        let acceptor = Acceptor(socket: socket, service: service, reactors: reactors)
        try eventLoop.watch(socket.descriptor, for: .read, tag: tag)
        acceptors.append(acceptor)
    }

    func accept(_ number: Int) {
        guard !isStopping, case .exhausted = acceptors[number].acceptAll() else { return }
        // No descriptors are left: the queue waits in the kernel while some are given back.
        let tag = Self.acceptorTag + UInt64(number)
        let descriptor = acceptors[number].socket.descriptor
        eventLoop.change(descriptor, to: [], tag: tag)
        eventLoop.schedule(afterMs: Acceptor.pauseMs) { [weak self] in
            self?.assumeIsolated { reactor in
                guard !reactor.isStopping else { return }
                reactor.eventLoop.change(descriptor, to: .read, tag: tag)
            }
        }
    }
}
