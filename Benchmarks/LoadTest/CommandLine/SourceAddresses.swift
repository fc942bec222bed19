import Measure
import Transport

/// The local addresses that connections come from.
///
/// One address has about 28,000 free ports, which bounds the connections to one server; a machine
/// has the whole of 127.0.0.0/8 to talk to itself from.
enum SourceAddresses: Hashable, Sendable {
    /// The system chooses, unless there are too many connections for one address of loopback.
    case automatic
    /// Used in turn.
    case listed([SocketAddress])

    private static let connectionsPerAddress = 25_000
    private static let addressesMax = 250

    /// Reads `--sources`: addresses with commas between, or a number of loopback addresses.
    init(_ values: FlagValues) throws(FlagError) {
        guard let text = values.text("sources") else {
            self = .automatic
            return
        }
        if let count = Int(text) {
            guard (1...Self.addressesMax).contains(count) else {
                throw .unusable(
                    "--sources", value: text, reason: "must be from 1 to \(Self.addressesMax)")
            }
            self = .listed(Self.loopback(count))
            return
        }
        let addresses = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { SocketAddress(host: String($0), port: 0) }
        guard !addresses.contains(nil) else {
            throw .unusable(
                "--sources", value: text, reason: "must be addresses of this machine, or a number")
        }
        self = .listed(addresses.compactMap(\.self))
    }

    /// What so many connections to a server come from, in turn; empty: the system chooses.
    func addresses(connections: Int, to target: SocketAddress) -> [SocketAddress] {
        switch self {
        case .listed(let addresses): return addresses
        case .automatic:
            guard connections > Self.connectionsPerAddress, target.host.hasPrefix("127.") else {
                return []
            }
            let count = (connections + Self.connectionsPerAddress - 1) / Self.connectionsPerAddress
            return Self.loopback(min(count, Self.addressesMax))
        }
    }

    private static func loopback(_ count: Int) -> [SocketAddress] {
        (1...count).compactMap { SocketAddress(host: "127.0.0.\($0)", port: 0) }
    }
}
