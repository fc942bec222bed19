import Transport

/// What an orchestrator asks: does the process live, and should it be sent traffic?
package struct HealthRoutes: Sendable {
    private let database: SQLiteDatabase

    package init(database: SQLiteDatabase) {
        self.database = database
    }

    package var all: [APIRoute] {
        [
            APIRoute(.get, "/healthz", needsSignIn: false) { _ in
                HTTPResponse(acknowledging: "The process answers.")
            },
            APIRoute(.get, "/readyz", needsSignIn: false, readiness),
        ]
    }

    /// Red while the store can't be written; asks it, so that it turns green by itself.
    @Sendable private func readiness(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        switch await database.probe() {
        case .working: HTTPResponse(acknowledging: "The store can be written.")
        case .failing(let cause): throw .storeUnavailable(cause)
        }
    }
}
