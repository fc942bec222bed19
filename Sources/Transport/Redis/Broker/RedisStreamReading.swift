import Engine

/// What is read of streams.
extension RedisStreams {
    typealias TopsReply = @Sendable (Result<[StreamTop], BrokerError>) -> Void

    /// A page, as `Broker.read` has it.
    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention, _ reply: @escaping PageReply
    ) {
        guard retention.keepsAnything, limit.countMax > 0 else {
            return page(of: stream, keeping: retention, reply)
        }
        let arguments = [
            [UInt8](decimal: Int64(min(offset, Self.offsetMax))),
            [UInt8](decimal: Int64(limit.countMax)), [UInt8](decimal: Int64(limit.bytesMax)),
            [UInt8](decimal: Int64(retention.countMax)), retention.cut(nowMs: now()),
        ]
        runAgain(
            RedisStreamScripts.read, keys: [keys.life, keys.log(of: stream)], arguments: arguments
        ) { result in
            reply(result.read { StreamPage($0, after: offset) })
        }
    }

    /// Where one stream stands, as a page without publications.
    func page(of stream: StreamName, keeping retention: Retention, _ reply: @escaping PageReply) {
        tops(of: [stream], keeping: retention) { result in
            reply(
                result.map { tops in
                    StreamPage(
                        epoch: tops[0].epoch, publications: [], floor: tops[0].floor,
                        top: tops[0].top)
                })
        }
    }

    /// Where streams stand, in as many scripts as keep each short.
    func tops(
        of streams: [StreamName], keeping retention: Retention, _ reply: @escaping TopsReply
    ) {
        tops(of: streams[...], keeping: retention, after: [], reply)
    }

    private func tops(
        of streams: ArraySlice<StreamName>, keeping retention: Retention,
        after known: [StreamTop], _ reply: @escaping TopsReply
    ) {
        guard !streams.isEmpty else { return reply(.success(known)) }
        let batch = streams.prefix(Self.batchMax)
        let isKept = retention.keepsAnything
        let scriptKeys = [keys.life] + batch.map { channel(of: $0, isKept: isKept) }
        let arguments =
            isKept
            ? [[UInt8](decimal: Int64(retention.countMax)), retention.cut(nowMs: now())] : []
        runAgain(
            isKept ? RedisStreamScripts.tops : RedisPassingScripts.tops, keys: scriptKeys,
            arguments: arguments
        ) { result in
            let tops = result.read { value in
                isKept ? [StreamTop](kept: value) : [StreamTop](passing: value)
            }
            switch tops {
            case .success(let tops) where tops.count == batch.count:
                self.assumeIsolated {
                    $0.tops(
                        of: streams.dropFirst(batch.count), keeping: retention,
                        after: known + tops, reply)
                }
            case .success: reply(.failure(.unavailable("Redis answered for other streams")))
            case .failure(let error): reply(.failure(error))
            }
        }
    }

    /// Runs a script until it has come to its end: each time it trims some of what is overdue.
    private func runAgain(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]],
        _ reply: @escaping RedisLink.Reply
    ) {
        link.onLoop.run(script, keys: keys, arguments: arguments) { result in
            guard case .success(.string(Self.again)) = result else { return reply(result) }
            self.assumeIsolated {
                $0.runAgain(script, keys: keys, arguments: arguments, reply)
            }
        }
    }

    private static let again = Array("AGAIN".utf8)
    /// The streams that one script tells of.
    private static let batchMax = 256
    /// No offset is larger, and Lua's numbers are exact up to here.
    private static let offsetMax: UInt64 = 1 << 53
}

extension Result<RedisValue, RedisFailure> {
    /// What a reply says, in the engine's words.
    func read<Value>(_ parse: (RedisValue) -> Value?) -> Result<Value, BrokerError> {
        switch self {
        case .failure(let failure): .failure(BrokerError(failure))
        case .success(let value): parse(value).map { .success($0) } ?? .failure(.unreadable(value))
        }
    }
}

extension BrokerError {
    init(_ failure: RedisFailure) {
        switch failure {
        case .unreachable(let reason), .refused(let reason): self = .unavailable(reason)
        case .overloaded: self = .overloaded
        }
    }

    static let closed = BrokerError.unavailable("no connection to Redis")

    /// Somebody else writes under our prefix, or another version of us.
    static func unreadable(_ value: RedisValue) -> BrokerError {
        .unavailable(
            "Redis answered what a stream does not: \(String(describing: value).prefix(80))")
    }
}

extension Retention {
    /// The time before which nothing is kept, as scripts take it; empty where age doesn't matter.
    func cut(nowMs: Int64) -> [UInt8] {
        guard let ageMaxMs else { return [] }
        let (cut, overflows) = nowMs.subtractingReportingOverflow(ageMaxMs)
        return [UInt8](decimal: overflows ? (ageMaxMs > 0 ? .min : .max) : cut)
    }
}

extension [UInt8] {
    /// A number's decimal digits.
    init(decimal number: Int64) {
        self = []
        append(decimal: number)
    }
}

extension Appended {
    /// Reads the answer to an append: `epoch:offset`, after a `=` where it was stored before.
    init?(_ bytes: [UInt8]) {
        let isDuplicate = bytes.first == UInt8(ascii: "=")
        guard let position = Position(bytes[(isDuplicate ? 1 : 0)...]) else { return nil }
        self.init(position: position, isDuplicate: isDuplicate)
    }
}

extension StreamPage {
    /// Reads what was asked for after an offset. Where somebody has deleted entries by hand, the page
    /// ends before them; one that would begin with them says that history begins behind.
    fileprivate init?(_ value: RedisValue, after offset: UInt64) {
        guard let elements = value.elements, elements.count >= 3, elements.count % 2 == 1,
            let epoch = elements[0].bytes.flatMap(Epoch.init),
            let top = elements[1].offset, var floor = elements[2].offset
        else { return nil }
        var publications: [Publication] = []
        publications.reserveCapacity((elements.count - 3) / 2)
        var next = max(floor, min(offset, top) + 1)
        for place in stride(from: 3, to: elements.count, by: 2) {
            guard let offset = elements[place].offset, let entry = elements[place + 1].bytes,
                let publication = RedisEntry.decode(entry[...], offset: offset)
            else { return nil }
            if offset > next {
                guard publications.isEmpty else { break }
                floor = offset
            }
            publications.append(publication)
            next = offset + 1
        }
        self.init(epoch: epoch, publications: publications, floor: floor, top: top)
    }
}

extension [StreamTop] {
    fileprivate init?(kept value: RedisValue) {
        guard let elements = value.elements, elements.count % 3 == 1,
            let epoch = elements[0].bytes.flatMap(Epoch.init)
        else { return nil }
        self = []
        for place in stride(from: 1, to: elements.count, by: 3) {
            guard let top = elements[place].offset, let floor = elements[place + 1].offset else {
                return nil
            }
            var newest: Publication?
            if let entry = elements[place + 2].bytes {
                newest = RedisEntry.decode(entry[...], offset: top)
                if newest == nil { return nil }
            }
            append(StreamTop(epoch: epoch, top: top, floor: floor, newest: newest))
        }
    }

    fileprivate init?(passing value: RedisValue) {
        guard let elements = value.elements, elements.count % 2 == 0 else { return nil }
        self = []
        for place in stride(from: 0, to: elements.count, by: 2) {
            guard let epoch = elements[place].bytes.flatMap(Epoch.init),
                let top = elements[place + 1].offset
            else { return nil }
            append(StreamTop(epoch: epoch, top: top, floor: top + 1, newest: nil))
        }
    }
}

extension RedisValue {
    /// An offset; nil for what can't be one.
    var offset: UInt64? { integer.flatMap { UInt64(exactly: $0) } }
}
