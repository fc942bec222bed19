import Synchronization
import Transport

/// Answers `/bytes/N` from a source that is read as it is taken, `/short/N` from one that ends early, and
/// takes the bodies of everything else piece by piece; `/forbidden` it refuses.
final class UploadResponder: HTTPResponder {
    /// Stands before each piece that is taken or read.
    let gate: Gate
    /// Pieces and bytes that were taken, pieces that were read, uploads that were given up, sources that
    /// were let go of.
    let taken = Counter()
    let takenBytes = Counter()
    let read = Counter()
    let abandoned = Counter()
    let closed = Counter()

    static let bodyBytesMax = 50_000_000
    static let pieceBytes = 65_536

    init(gate: Gate = Gate(isOpen: true)) {
        self.gate = gate
    }

    func reception(of head: HTTPRequestHead) -> (any HTTPReception)? {
        head.method == .post ? Reception(responder: self) : nil
    }

    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer {
        let parts = request.head.path.split(separator: "/")
        guard parts.count == 2, let count = Int(parts[1]) else {
            return .response(HTTPResponse(status: .ok, body: Array(request.head.path.utf8)))
        }
        let source = Source(self, count, isShort: parts[0] == "short")
        return .source(HTTPSourcedResponse(status: .ok, headers: ["etag": "\"e\""], body: source))
    }

    private struct Reception: HTTPReception {
        let responder: UploadResponder

        @concurrent func admit(_ request: HTTPRequest) async -> HTTPAdmission {
            guard request.head.path != "/forbidden" else {
                return .refuse(.response(HTTPResponse(status: .unauthorized)))
            }
            return .take(
                Receiver(responder, request.head.path), bytesMax: UploadResponder.bodyBytesMax)
        }
    }

    private final class Receiver: HTTPBodyReceiver {
        private let responder: UploadResponder
        private let path: String
        private let state = Mutex((sum: UInt64(0), count: 0))

        init(_ responder: UploadResponder, _ path: String) {
            self.responder = responder
            self.path = path
        }

        @concurrent func receive(_ bytes: [UInt8]) async -> HTTPAnswer? {
            await responder.gate.pass()
            state.withLock { state in
                for byte in bytes { state.sum = state.sum &* 31 &+ UInt64(byte) }
                state.count += bytes.count
            }
            responder.taken.add()
            responder.takenBytes.add(bytes.count)
            guard path != "/enough" else {
                return .response(HTTPResponse(status: .contentTooLarge))
            }
            return nil
        }

        @concurrent func finish() async -> HTTPAnswer {
            let (sum, count) = state.withLock { $0 }
            return .response(HTTPResponse(status: .created, body: Array("\(count) \(sum)".utf8)))
        }

        func abandon() {
            responder.abandoned.add()
        }
    }

    private final class Source: HTTPBodySource {
        let byteCount: Int
        private let responder: UploadResponder
        private let bytes: [UInt8]
        private let place = Mutex(0)

        init(_ responder: UploadResponder, _ byteCount: Int, isShort: Bool) {
            self.responder = responder
            self.byteCount = byteCount
            bytes = StubResponder.pattern(isShort ? byteCount / 2 : byteCount)
        }

        deinit {
            responder.closed.add()
        }

        @concurrent func next() async -> [UInt8] {
            await responder.gate.pass()
            responder.read.add()
            return place.withLock { place in
                let end = min(place + UploadResponder.pieceBytes, bytes.count)
                defer { place = end }
                return Array(bytes[place..<end])
            }
        }
    }

    /// What a body that was taken whole is answered with.
    static func receipt(of body: [UInt8]) -> String {
        "\(body.count) \(body.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) })"
    }
}
