import Transport

/// WebSocket frames: in, out, and the byte work in them.
enum WebSocketSuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("websocket.parse.masked-208") {
            parsing(Sample.masked(Sample.send()), frameCount: 1, deflate: nil)
        },
        // Each operation is one of the 32 frames that came at once.
        Benchmark("websocket.parse.masked-208.32-at-once") {
            let frame = Sample.masked(Sample.send())
            return parsing(
                Array(repeatElement(frame, count: 32).joined()), frameCount: 32, deflate: nil)
        },
        Benchmark("websocket.parse.deflated-200") {
            var deflater = Deflater()
            let payload = deflater.deflate(Sample.send().span)
            var frame: [UInt8] = []
            WebSocketEncoder.frame(
                .text, payload: payload, isCompressed: true, maskKey: Sample.maskKey, into: &frame)
            return parsing(frame, frameCount: 1, deflate: PerMessageDeflate())
        },
        Benchmark("websocket.encode-200") {
            let payload = Sample.send()
            var out: [UInt8] = []
            return { count in
                for _ in 0..<count {
                    out.removeAll(keepingCapacity: true)
                    WebSocketEncoder.frame(.text, payload: payload, into: &out)
                }
                return out.count
            }
        },
        Benchmark("websocket.encode-200.deflated") {
            let payload = Sample.send()
            var deflater = Deflater()
            var out: [UInt8] = []
            return { count in
                for _ in 0..<count {
                    out.removeAll(keepingCapacity: true)
                    WebSocketEncoder.frame(
                        .text, payload: deflater.deflate(payload.span), isCompressed: true,
                        into: &out)
                }
                return out.count
            }
        },
        Benchmark("websocket.unmask-200") {
            var payload = Sample.send()
            return { count in
                for _ in 0..<count {
                    WebSocketMasking.apply(Sample.maskKey, to: &payload, from: 0)
                }
                return Int(payload[0])
            }
        },
        Benchmark("utf8.validate.ascii-200") { validating(Sample.text(byteCount: 200)) },
        Benchmark("utf8.validate.hangul-198") { validating(Sample.hangul(byteCount: 200)) },
    ]

    private static func parsing(
        _ bytes: [UInt8], frameCount: Int, deflate: PerMessageDeflate?
    ) -> (Int) -> Int {
        let receiver = Receiver(deflate: deflate)
        return { count in
            for _ in 0..<count / frameCount { receiver.receive(bytes) }
            return receiver.byteCount
        }
    }

    /// A parser with an owner, since a closure can't capture one.
    private final class Receiver {
        private var parser: WebSocketParser
        private(set) var byteCount = 0

        init(deflate: PerMessageDeflate?) {
            parser = WebSocketParser(role: .server, messageBytesMax: 65_536, deflate: deflate)
        }

        func receive(_ bytes: [UInt8]) {
            parser.append(bytes.span)
            do throws(WebSocketError) {
                while let event = try parser.next() {
                    guard case .message(_, let payload) = event else { continue }
                    byteCount &+= payload.count
                }
            } catch {
                preconditionFailure("the sample is well-formed")
            }
        }
    }

    private static func validating(_ text: [UInt8]) -> (Int) -> Int {
        { count in
            var valid = 0
            for _ in 0..<count {
                var validator = UTF8Validator()
                if validator.accept(text.span), validator.isAtBorder { valid += 1 }
            }
            precondition(valid == count, "the sample is well-formed")
            return valid
        }
    }
}
