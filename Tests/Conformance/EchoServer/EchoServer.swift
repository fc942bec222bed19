import Foundation
import Transport

/// `echo-server`: sends every WebSocket message back as it came, for Autobahn's fuzzing client.
///
/// It listens on a free port of the loopback address, prints that port as its only line, and serves
/// until a signal ends it.
@main
enum EchoServer {
    /// The largest message among Autobahn's cases.
    private static let messageBytesMax = 16 << 20
    /// Room for an echo of that size while the next message already comes in.
    private static let outboxBytesMax = 2 * messageBytesMax + 1_024

    static func main() async throws {
        let server = try Server(
            loopCount: 1, limits: ConnectionLimits(outboxBytesMax: outboxBytesMax))
        guard let anyPort = SocketAddress(host: "127.0.0.1", port: 0) else {
            preconditionFailure("the loopback address is numeric")
        }
        let echo = Service(
            .http(
                NothingElse(),
                webSockets: [
                    "/": .messages(
                        MessageEndpoint(bytesMax: messageBytesMax) { payload, _ in payload })
                ]),
            census: Census(totalMax: 100, perHostMax: 100))
        let address = try await server.listen(on: anyPort, for: echo)
        try FileHandle.standardOutput.write(contentsOf: Data("\(address.port)\n".utf8))
        withExtendedLifetime(server) { _ = pause() }
    }
}

/// Answers requests that ask for anything but the echo: there is nothing.
private struct NothingElse: HTTPResponder {
    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer {
        .response(HTTPResponse(status: .notFound))
    }
}
