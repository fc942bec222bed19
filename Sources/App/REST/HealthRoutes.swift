import Synchronization
import Transport

/// What an orchestrator asks: does the process live, and should it be sent traffic?
package struct HealthRoutes: Sendable {
    private let database: SQLiteDatabase
    private let readiness: Readiness

    package init(database: SQLiteDatabase, readiness: Readiness) {
        self.database = database
        self.readiness = readiness
    }

    package var all: [APIRoute] {
        [
            APIRoute(.get, "/healthz", needsSignIn: false) { _ in
                HTTPResponse(acknowledging: "The process answers.")
            },
            APIRoute(.get, "/readyz", needsSignIn: false, answer),
        ]
    }

    /// Red from the moment the node is told to end, and while the store can't be written; asks it, so
    /// that it turns green by itself.
    @Sendable private func answer(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        guard !readiness.isEnding else { throw .goingAway }
        return switch await database.probe() {
        case .working: HTTPResponse(acknowledging: "The store can be written.")
        case .failing(let cause): throw .storeUnavailable(cause)
        }
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
