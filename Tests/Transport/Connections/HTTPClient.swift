import Testing
import Transport

/// An HTTP client over a loopback connection that blocks its thread.
final class HTTPClient {
    let socket: WireSocket
    private var parser: HTTPResponseParser

    struct Response {
        let head: HTTPResponseHead
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    init(_ server: TestServer, receiveBufferBytes: Int32? = nil) throws {
        socket = try WireSocket(port: server.httpPort, receiveBufferBytes: receiveBufferBytes)
        parser = HTTPResponseParser()
        parser.bodyBytesMax = 100_000_000
    }

    /// The bytes of a GET.
    static func get(_ path: String, _ headers: [String] = []) -> [UInt8] {
        let lines = ["GET \(path) HTTP/1.1", "Host: localhost"] + headers + ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// The next response; nil when the server ended the connection between two.
    func next() throws -> Response? {
        var head: HTTPResponseHead?
        var body: [UInt8] = []
        while true {
            while let event = try parser.next() {
                switch event {
                case .head(let received): head = received
                case .body(let piece): body += piece
                case .end:
                    if let head { return Response(head: head, body: body) }
                }
            }
            let bytes = try socket.read()
            if bytes.isEmpty {
                _ = try parser.finish()
                try #require(head == nil, "the response was cut off")
                return nil
            }
            parser.append(bytes.span)
        }
    }
}
