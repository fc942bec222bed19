import Synchronization
import Transport

/// What an orchestrator asks: does the process live, and should it be sent traffic?
package struct HealthRoutes: Sendable {
    /// Finds out what keeps the store from being written; nil: nothing does.
    package typealias Probe = @Sendable () async -> String?

    private let node: String?
    private let readiness: Readiness
    private let probe: Probe

    /// `node` is what the node calls itself where there are several.
    package init(node: String?, readiness: Readiness, probe: @escaping Probe) {
        self.node = node
        self.readiness = readiness
        self.probe = probe
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/healthz", "Whether the process lives.", for: .anyone, gives: .done
            ) { (_) throws(APIError) in HTTPResponse(acknowledging: "The process answers.") },
            APIRoute(
                .get, "/readyz", "Whether the node should be sent traffic.", for: .anyone,
                gives: .ok(Ready.self), answer),
        ]
    }

    private struct Ready: Shaped {
        let message: String
        let statusCode: Int
        let node: String?

        static let shape = Schema.object([
            .text("message"), .count("statusCode"), .init("node", .text(), isRequired: false),
        ])
    }

    /// Red from the moment the node is told to end, and while the store can't be written; asks it, so
    /// that it turns green by itself.
    @Sendable private func answer(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        guard !readiness.isEnding else { throw .goingAway }
        if let cause = await probe() { throw .storeUnavailable(cause) }
        return HTTPResponse(
            json: Ready(message: "The store can be written.", statusCode: 200, node: node))
    }
}

/// Whether the node wants to be sent traffic, as far as it decides that itself.
package final class Readiness: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    /// Whether the node has been told to end.
    var isEnding: Bool { flag.load(ordering: .relaxed) }

    /// From here on the node wants no more traffic.
    package func end() {
        flag.store(true, ordering: .relaxed)
    }
}
