import Engine
import Transport

/// STOMP frames: in, out, and what is looked up in them.
enum STOMPSuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("stomp.parse.send-200") {
            let bytes = Sample.send(receipt: "r-1")
            var parser = STOMPParser()
            parser.version = .v12
            var byteCount = 0
            return { count in
                for _ in 0..<count { byteCount &+= body(of: bytes, with: &parser) }
                return byteCount
            }
        },
        Benchmark("stomp.header.value") {
            looking { $0.value(of: "receipt")?.utf8.count ?? 0 }
        },
        Benchmark("stomp.header.value.long") {
            looking { $0.value(of: "content-type")?.utf8.count ?? 0 }
        },
        Benchmark("stomp.header.is-missing") {
            looking { $0.value(of: "transaction") == nil ? 1 : 0 }
        },
        Benchmark("stomp.header.has-value") {
            looking { $0.hasValue("destination", equalTo: "/pub/session/token") ? 1 : 0 }
        },
        Benchmark("stomp.encode.message") {
            let body = Sample.text(byteCount: 120)
            var out: [UInt8] = []
            return { count in
                for _ in 0..<count {
                    out.removeAll(keepingCapacity: true)
                    encodeMessage(body, into: &out)
                }
                return out.count
            }
        },
        Benchmark("stomp.encode.receipt") {
            var out: [UInt8] = []
            let id = "r-12345"
            let position = STOMPValue.position(epoch: 0x1234_5678_9abc_def0, offset: 4_711)
            return { count in
                for _ in 0..<count {
                    out.removeAll(keepingCapacity: true)
                    STOMPEncoder.receipt(id: .text(id), version: .v12, into: &out) {
                        $0.add("position", position)
                    }
                }
                return out.count
            }
        },
    ]

    private static func body(of bytes: [UInt8], with parser: inout STOMPParser) -> Int {
        parser.append(bytes.span)
        do throws(STOMPError) {
            guard case .frame(let frame) = try parser.next() else { return 0 }
            return frame.body.count
        } catch {
            preconditionFailure("the sample is well-formed")
        }
    }

    private static func looking(_ look: @escaping (STOMPHeaders) -> Int) -> (Int) -> Int {
        let headers = STOMPHeaders([
            ("destination", "/topic/news.cats"), ("content-type", "text/plain;charset=utf-8"),
            ("receipt", "r-12345"), ("content-length", "120"),
        ])
        return { count in
            var sum = 0
            for _ in 0..<count { sum &+= look(headers) }
            return sum
        }
    }

    /// As members of a room get it.
    private static func encodeMessage(_ body: [UInt8], into out: inout [UInt8]) {
        let position = STOMPValue.position(epoch: 0x1234_5678_9abc_def0, offset: 4_711)
        STOMPEncoder.message(
            subscription: "sub-0", messageID: position, destination: "/topic/news.cats",
            contentType: "text/plain;charset=utf-8", body: body, version: .v12, into: &out
        ) { writer in
            writer.add("position", position)
            writer.add("timestamp", .number(Sample.nowMs))
            writer.add("sender", .number(42))
        }
    }
}
