import Engine
import Synchronization
import Transport

/// What a node's links ask of the network, by the numbers of their connections.
enum RedisWireRequest: Sendable {
    case open(Int, RedisLine.Node)
    case send(Int, [[UInt8]])
    case close(Int)
}

/// The network as a node's links see it: what they ask goes out with the node's mail.
final class SimulatedNetwork: RedisNetwork {
    private let mailbox: Mailbox
    private let numberLast = Mutex(0)

    init(_ mailbox: Mailbox) {
        self.mailbox = mailbox
    }

    func open(
        to endpoint: RedisEndpoint, on loop: any Loop,
        _ receive: @escaping @Sendable ([RedisWireEvent]) -> Void
    ) -> any RedisWire {
        let number = numberLast.withLock { number in
            number += 1
            return number
        }
        mailbox.post(.wire(.open(number, RedisLine.Node(loop: loop, receive: receive))))
        return SimulatedWire(number, mailbox)
    }
}

/// A link's end of a connection.
private final class SimulatedWire: RedisWire {
    private let number: Int
    private let mailbox: Mailbox

    init(_ number: Int, _ mailbox: Mailbox) {
        self.number = number
        self.mailbox = mailbox
    }

    func send(_ command: [[UInt8]]) {
        mailbox.post(.wire(.send(number, command)))
    }

    func close() {
        mailbox.post(.wire(.close(number)))
    }
}
