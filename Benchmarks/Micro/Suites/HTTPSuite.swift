import Transport

/// HTTP: a request in, a response out.
enum HTTPSuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("http.parse.get") {
            var parser = HTTPRequestParser()
            var sum = 0
            return { count in
                for _ in 0..<count { sum &+= fieldCount(of: Sample.request, with: &parser) }
                return sum
            }
        },
        Benchmark("http.encode.json-1k") {
            let response = HTTPResponse(
                status: .ok,
                headers: ["content-type": "application/json", "cache-control": "no-store"],
                body: Sample.text(byteCount: 1_024))
            var out: [UInt8] = []
            return { count in
                for _ in 0..<count {
                    out.removeAll(keepingCapacity: true)
                    HTTPResponseEncoder.encode(
                        response, answering: .get, version: .http11, keepAlive: true,
                        date: "Thu, 01 Jan 2026 00:00:00 GMT", into: &out)
                }
                return out.count
            }
        },
    ]

    private static func fieldCount(
        of request: [UInt8], with parser: inout HTTPRequestParser
    ) -> Int {
        parser.append(request.span)
        var fieldCount = 0
        do throws(HTTPParseError) {
            while let event = try parser.next() {
                if case .head(let head) = event { fieldCount += head.headers.fields.count }
            }
        } catch {
            preconditionFailure("the sample is well-formed")
        }
        return fieldCount
    }
}
