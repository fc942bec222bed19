import Engine

/// What speaks over one link. Pinned to the link's loop.
protocol RedisLinkUser: Actor, RedisLinkObserver {
    nonisolated var link: RedisLink { get }
}

extension RedisLinkUser {
    nonisolated var loop: any Loop { link.loop }

    /// Begins to hear of the link.
    nonisolated func begin() {
        link.enter { $0.observe(self) }
    }

    /// Runs `body` here: at once when the caller is on the loop, else by post.
    nonisolated func enter(_ body: @escaping @Sendable (isolated Self) -> Void) {
        if loop.isCurrent {
            assumeIsolated(body)
        } else {
            loop.post { self.assumeIsolated(body) }
        }
    }
}
