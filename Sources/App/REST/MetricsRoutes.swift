import Engine
import Transport

/// What the node counts, for Prometheus (text format 0.0.4).
package struct MetricsRoutes: Sendable {
    private struct Metric: Sendable {
        enum Kind: String {
            case counter, gauge
        }

        let name: String
        let kind: Kind
        let help: String
        /// Label sets, in braces or empty, with their values.
        let samples: @Sendable () -> [(labels: String, value: Int)]
    }

    private let metrics: [Metric]

    package init(rooms: Rooms, history: History, census: Census) {
        metrics = [
            Metric(
                name: "petnexus_connections", kind: .gauge, help: "Open connections.",
                samples: { [("", census.total)] }),
            Metric(
                name: "petnexus_rooms", kind: .gauge, help: "Rooms and topics that are open here.",
                samples: { [("", rooms.count)] }),
            Metric(
                name: "petnexus_history_pages_total", kind: .counter,
                help: "Pages of history, by what they were served from.",
                samples: {
                    [
                        ("{source=\"memory\"}", history.counts.fromMemory),
                        ("{source=\"log\"}", history.counts.fromLog),
                    ]
                }),
        ]
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/metrics", "What the node counts, for Prometheus.", for: .anyone,
                gives: .media("text/plain"), answer)
        ]
    }

    @Sendable private func answer(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        var text = ""
        for metric in metrics {
            text += "# HELP \(metric.name) \(metric.help)\n"
            text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples() {
                text += "\(metric.name)\(sample.labels) \(sample.value)\n"
            }
        }
        return HTTPResponse(
            status: .ok,
            headers: [
                "content-type": "text/plain; version=0.0.4; charset=utf-8",
                "cache-control": "no-store",
            ], body: Array(text.utf8))
    }
}
