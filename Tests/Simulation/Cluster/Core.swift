import Engine
import TestSupport

/// Which kind of thing the nodes of a run share.
public enum CoreKind: String, CaseIterable, Sendable {
    /// A server made for the simulation, with a broker made for it: any broker may do what it does.
    case hub
    /// Redis as the nodes know it in production: their real bridge, over a simulated server.
    case redis
}

/// What the nodes share, as faults befall it and as the verdict sees it.
protocol Core: AnyObject {
    /// The way here of a node that starts. `id` is of this life of the node.
    func bridge(
        of id: Int, loops: [ManualLoop], mailbox: Mailbox, now: @escaping @Sendable () -> Int64
    ) -> any Bridge

    var isUp: Bool { get }
    /// Refuses to store anything while up, as a server does that can't write.
    var isRefusing: Bool { get set }
    /// Does nothing for a while, and tells nobody.
    func stall(forMs durationMs: Int64)
    /// Dies with everything that is not durable.
    func crash()
    /// Comes back with what is durable.
    func restart()
    /// Comes back with nothing.
    func restartEmpty()

    // MARK: What the verdict asks

    /// A kept stream as it is now, or as it was in the end of an earlier life.
    func durable(_ name: StreamName, in epoch: Epoch) -> HubStream?
    /// Where a stream ends now.
    func top(of room: RoomSpec) -> Position
    /// The epoch that a stream is in now.
    func epoch(of room: RoomSpec) -> Epoch
    /// Every life of a kept stream, the present one last.
    func lives(of name: StreamName) -> [HubStream]
    /// What is still there of nodes that want nothing any more, in words; empty: nothing.
    var leftovers: [String] { get }
}

/// A node's way to what the nodes share. Has the life of its node.
protocol Bridge: AnyObject {
    var broker: any Broker { get }
    /// Begins to connect.
    func begin()
    /// Does what the broker asks of the network.
    func take(_ parcel: Mailbox.Parcel)
    /// A connection breaks, and the node knows.
    func lose()
    /// Cuts the node off, without telling anybody, or heals that.
    func partition(_ isCutOff: Bool)
    /// The node is gone: nothing leaves any more.
    func hangUp()
    /// Lets the broker go of all that still waits for an answer.
    func release()
    /// What the broker still holds for a node that wants nothing any more, in words.
    var leftovers: [String] { get }
}
