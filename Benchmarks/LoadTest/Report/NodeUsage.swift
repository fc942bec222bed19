import Measure

/// What one of several nodes did in the measured window.
struct NodeUsage: Codable, Hashable, Sendable {
    /// The address that clients connected to.
    let node: String
    /// To the members that were connected to it.
    let deliveries: Int64
    /// Nil where its processes are unknown.
    let usage: UsageWindow?
    let cpuPerDeliveryUs: Double?

    init(node: String, deliveries: Int64, usage: UsageWindow?) {
        self.node = node
        self.deliveries = deliveries
        self.usage = usage
        cpuPerDeliveryUs = usage.flatMap { usage in
            deliveries > 0 ? usage.cpuSeconds * 1_000_000 / Double(deliveries) : nil
        }
    }

    /// All nodes between two moments; empty where there is only one.
    static func all(
        named names: [String], from before: TrafficMoment, to after: TrafficMoment
    ) -> [NodeUsage] {
        guard names.count > 1 else { return [] }
        return names.indices.map { index in
            NodeUsage(
                node: names[index],
                deliveries: after.nodeDeliveries[index] - before.nodeDeliveries[index],
                usage: UsageWindow(
                    before.nodes[index], after.nodes[index], lastingUs: after.atUs - before.atUs))
        }
    }

    /// For people.
    var facts: [String] {
        ["\(deliveries.grouped) delivered"]
            + (cpuPerDeliveryUs.map { ["\($0.fixed(2)) µs CPU per delivery"] } ?? [])
            + (usage.map { [$0.shareText, $0.residentText] } ?? [])
    }
}
