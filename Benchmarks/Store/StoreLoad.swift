import Engine
import Measure
import Transport

/// Appends to the store as the rooms of one loop do, and counts what that costs. Pinned to its
/// loop, whose turns it takes.
actor StoreLoad {
    private let loop: EventLoop
    private let broker: any Broker
    /// How often the store has committed so far; nil where nobody knows.
    private let commitCount: (@Sendable () -> Int)?
    private let options: StoreOptions
    private let streams: [StreamName]
    private let body: [UInt8]

    private var random = SystemRandomNumberGenerator()
    private var ready: [Readiness] = []
    private var latencies = Histogram()
    private var failureCount = 0
    private var unansweredCount = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        on loop: EventLoop, _ broker: any Broker, _ options: StoreOptions,
        commitCount: (@Sendable () -> Int)? = nil
    ) {
        self.loop = loop
        self.broker = broker
        self.options = options
        self.commitCount = commitCount
        streams = (0..<options.streamCount).map { StreamName("bench/\($0)") }
        body = Array(repeating: UInt8(ascii: "x"), count: options.bodyBytes)
    }

    /// Fills the store with what it is to hold before.
    func preload() {
        var startedCount = 0
        while startedCount < options.preloadCount || unansweredCount > 0 {
            while unansweredCount < 100, startedCount < options.preloadCount {
                append(dueUs: MonotonicClock.nowUs())
                startedCount += 1
            }
            loop.turn(into: &ready)
        }
    }

    /// Appends for the time that was asked for and returns the figures in one line.
    func measure() -> String {
        latencies = Histogram()
        let startUs = MonotonicClock.nowUs()
        let endUs = startUs + options.durationUs
        let commitsBefore = commitCount?()
        let (cpuBefore, ownBefore) = (ProcessUsage.own.cpuUs, MonotonicClock.threadCPUUs())
        switch options.pace {
        case .inFlight(let count): keepInFlight(count, untilUs: endUs)
        case .ratePerSecond(let rate): keepPace(rate, fromUs: startUs, untilUs: endUs)
        }
        while unansweredCount > 0 { loop.turn(into: &ready) }
        let cpuUs = ProcessUsage.own.cpuUs - cpuBefore
        let storeUs = cpuUs - MonotonicClock.threadCPUUs() + ownBefore
        let count = Double(latencies.count)
        let seconds = Double(MonotonicClock.nowUs() - startUs) / 1e6
        let perCommit = commitCount.map { commitCount in
            count / Double(max(commitCount() - (commitsBefore ?? 0), 1))
        }
        return """
            \(Int(count / seconds)) appends/s\
            \(perCommit.map { ", \(rounded($0)) a commit" } ?? ""); \
            CPU of each \(rounded(Double(cpuUs) / count)) µs, \
            \(rounded(Double(storeUs) / count)) in the store; \
            p50 \(latencies.percentile(50)) p99 \(latencies.percentile(99)) \
            max \(latencies.max) µs; \(failureCount) failed
            """
    }

    private func keepInFlight(_ count: Int, untilUs endUs: Int64) {
        while MonotonicClock.nowUs() < endUs {
            while unansweredCount < count { append(dueUs: MonotonicClock.nowUs()) }
            loop.turn(into: &ready)
        }
    }

    private func keepPace(_ rate: Int, fromUs startUs: Int64, untilUs endUs: Int64) {
        let schedule = Schedule(startUs: startUs, ratePerSecond: rate)
        let metronome = Metronome(waking: loop, everyUs: schedule.wakeIntervalUs)
        metronome.retime(fromUs: startUs, everyUs: schedule.wakeIntervalUs)
        var number: Int64 = 0
        while schedule.dueUs(number) < endUs {
            while number < schedule.dueCount(atUs: MonotonicClock.nowUs()) {
                append(dueUs: schedule.dueUs(number))
                number += 1
            }
            loop.turn(into: &ready)
        }
    }

    private func append(dueUs: Int64) {
        unansweredCount += 1
        let draft = Draft(
            sender: UserID(Int64.random(in: 1...1_000, using: &random)), senderName: "somebody",
            contentType: "application/json", body: body, timestampMs: SystemClock.wallMs(),
            idempotencyKey: options.hasKeys ? freshKey() : nil)
        let stream = streams[Int.random(in: streams.indices, using: &random)]
        broker.append(draft, to: stream, keeping: Retention(countMax: options.historyMax)) {
            [loop] result in
            loop.post { self.assumeIsolated { $0.take(result, dueUs: dueUs) } }
        }
    }

    private func take(_ result: Result<Appended, BrokerError>, dueUs: Int64) {
        unansweredCount -= 1
        latencies.record(MonotonicClock.nowUs() - dueUs)
        if case .failure = result { failureCount += 1 }
    }

    /// As random and as long as the UUIDs of clients.
    private func freshKey() -> String {
        let (high, low) = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
        return String(high, radix: 16) + "-" + String(low, radix: 16)
    }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
