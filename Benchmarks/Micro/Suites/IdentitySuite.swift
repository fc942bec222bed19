import App
import Engine

/// Who somebody is: the hashes below a token's signature, and a session's sign-in with a token.
enum IdentitySuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("sha256.hash-64") {
            let message = Sample.text(byteCount: 64)
            return { count in
                var sum = 0
                for _ in 0..<count { sum &+= Int(SHA256.hash(message)[0]) }
                return sum
            }
        },
        Benchmark("hmac.code-64") {
            let key = HMACSHA256(key: Sample.text(byteCount: 32))
            let message = Sample.text(byteCount: 64)
            return { count in
                var sum = 0
                for _ in 0..<count { sum &+= Int(key.code(for: message)[0]) }
                return sum
            }
        },
        // More tokens than are remembered, in turn: each is forgotten when it comes again.
        signingIn("sign-in.token.first-time", tokenCount: 2 * VerifiedTokens.countMaxDefault),
        signingIn("sign-in.token.remembered", tokenCount: 1),
    ]

    private static func signingIn(_ name: String, tokenCount: Int) -> Benchmark {
        Benchmark(name) { name, meter in
            try await SignInDesk.with(tokenCount: tokenCount) { desk in
                await desk.measure(name, meter)
            }
        }
    }
}
