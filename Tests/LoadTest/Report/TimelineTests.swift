import Testing

@testable import LoadTest

struct TimelineTests {
    @Test func `counts what happens into buckets of a tenth of a second`() {
        var timeline = Timeline(startUs: 1_000)
        timeline.published(atUs: 1_000)
        timeline.delivered(atUs: 100_999, latencyUs: 5)
        timeline.published(atUs: 101_000)
        timeline.delivered(atUs: 350_000, latencyUs: 7)
        timeline.finish(atUs: 351_000)
        let buckets = timeline.buckets(joining: 1)
        #expect(buckets.map(\.fromUs) == [0, 100_000, 200_000, 300_000])
        #expect(buckets.map(\.toUs) == [100_000, 200_000, 300_000, 350_000])
        #expect(buckets.map(\.bucket.published) == [1, 1, 0, 0])
        #expect(buckets.map(\.bucket.latencies.count) == [1, 0, 0, 1])
    }

    @Test func `a short rest at the end joins the bucket before`() {
        var timeline = Timeline(startUs: 0)
        timeline.delivered(atUs: 50_000, latencyUs: 5)
        timeline.delivered(atUs: 101_000, latencyUs: 9)
        timeline.finish(atUs: 110_000)
        let buckets = timeline.buckets(joining: 1)
        #expect(buckets.map(\.toUs) == [110_000])
        #expect(buckets[0].bucket.latencies.count == 2)
        #expect(buckets[0].bucket.latencies.maxUs == 9)
    }

    @Test(arguments: [51_200_000, 51_100_001, 3_600_000_000, 864_000_000_000] as [Int64])
    func `keeps every count in at most 513 buckets however long it lasts`(lastingUs: Int64) {
        var timeline = Timeline(startUs: 77)
        let stepUs = lastingUs / 10_000
        for number in Int64(0)..<10_000 {
            timeline.published(atUs: 77 + number * stepUs)
            timeline.delivered(atUs: 77 + number * stepUs, latencyUs: number)
        }
        timeline.finish(atUs: 77 + lastingUs)
        let buckets = timeline.buckets(joining: 1)
        #expect(buckets.count <= 513)
        #expect(buckets.count >= 250)
        #expect(buckets.reduce(0) { $0 + $1.bucket.published } == 10_000)
        #expect(buckets.reduce(0) { $0 + $1.bucket.latencies.count } == 10_000)
        #expect(buckets.last?.toUs == lastingUs)
        // Even rates stay even, wherever two buckets became one.
        let counts = buckets.dropLast().map(\.bucket.published)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }

    @Test func `deliveries without a latency count all the same`() {
        var timeline = Timeline(startUs: 0)
        timeline.counted(40, atUs: 99_999)
        timeline.counted(2, atUs: 100_000)
        timeline.delivered(atUs: 100_000, latencyUs: 5)
        timeline.finish(atUs: 200_000)
        let buckets = timeline.buckets(joining: 1)
        #expect(buckets.map(\.bucket.delivered) == [40, 3])
        #expect(TimelineSummary(timeline).points.map(\.delivered) == [40, 3])
        #expect(TimelineSummary(timeline).points.map(\.max) == [nil, 0.005])
    }

    @Test func `a time before the current bucket counts as now`() {
        var timeline = Timeline(startUs: 0)
        timeline.delivered(atUs: 250_000, latencyUs: 1)
        timeline.delivered(atUs: 10, latencyUs: 1)
        timeline.finish(atUs: 300_000)
        #expect(timeline.buckets(joining: 1).map(\.bucket.latencies.count) == [0, 0, 2])
    }

    @Test func `what happened lately is the last complete second`() throws {
        var timeline = Timeline(startUs: 0)
        timeline.delivered(atUs: 99_999, latencyUs: 10)
        #expect(timeline.recent == nil)
        timeline.delivered(atUs: 100_000, latencyUs: 20)
        var recent = try #require(timeline.recent)
        #expect(recent.us == 100_000)
        #expect(recent.bucket.latencies.maxUs == 10)
        timeline.delivered(atUs: 1_150_000, latencyUs: 30)
        recent = try #require(timeline.recent)
        #expect(recent.us == 1_000_000)
        #expect(recent.bucket.latencies.count == 1)
        #expect(recent.bucket.latencies.maxUs == 20)
    }

    @Test func `keeps no more than 16 marks`() {
        var timeline = Timeline(startUs: 0)
        for number in 0..<40 { timeline.mark("\(number)", atUs: Int64(number)) }
        #expect(timeline.marks.map(\.label) == (0..<16).map(String.init))
    }
}

struct TimelineSummaryTests {
    @Test func `has rates, percentiles and no more than 128 points`() throws {
        var timeline = Timeline(startUs: 0)
        for number in Int64(0)..<30_000 {
            timeline.published(atUs: number * 1_000)
            timeline.delivered(atUs: number * 1_000, latencyUs: 2_000)
        }
        timeline.finish(atUs: 30_000_000)
        let summary = TimelineSummary(timeline)
        #expect(summary.points.count == 100)
        let point = try #require(summary.points.first)
        #expect(point.seconds == 0.3)
        #expect(point.published == 300)
        #expect(point.delivered == 300)
        #expect(point.p50 == 2)
        #expect(point.p99 == 2)
        #expect(point.max == 2)
    }

    @Test func `joins more where few messages would make a rate jump`() {
        var timeline = Timeline(startUs: 0)
        for number in Int64(0)..<300 { timeline.published(atUs: number * 100_000) }
        timeline.finish(atUs: 30_000_000)
        let summary = TimelineSummary(timeline)
        #expect(summary.points.count <= 31)
        #expect(summary.points.reduce(0) { $0 + $1.published } == 300)
    }

    @Test func `without deliveries there is no latency`() {
        var timeline = Timeline(startUs: 0)
        timeline.finish(atUs: 0)
        let summary = TimelineSummary(timeline)
        #expect(summary.points.count == 1)
        #expect(summary.points[0].p99 == nil)
        #expect(summary.points[0].max == nil)
        #expect(summary.points[0].seconds > 0)
    }
}

struct UsageTrackTests {
    private func reading(_ us: Int64, server: Int64?) -> UsageTrack.Reading {
        UsageTrack.Reading(
            serverCPUUs: server, serverResidentBytes: server.map { $0 * 2 }, generatorCPUUs: us)
    }

    @Test func `reads twice a second`() {
        var track = UsageTrack(startUs: 0)
        var readCount = 0
        for us in stride(from: Int64(0), through: 2_000_000, by: 10_000) {
            track.sample(atUs: us) {
                readCount += 1
                return reading(us / 2, server: us / 4)
            }
        }
        #expect(readCount == 5)
        let first = UsageTrack.Span(
            fromUs: 0, toUs: 500_000, serverShare: 0.25, generatorShare: 0.5,
            serverResidentBytes: 250_000)
        #expect(track.spans.count == 4)
        #expect(track.spans.first == first)
    }

    @Test func `stays bounded, and exact, however long it lasts`() {
        var track = UsageTrack(startUs: 0)
        for second in Int64(0)..<100_000 {
            let us = second * 1_000_000
            track.sample(atUs: us) { reading(us / 2, server: us / 4) }
        }
        #expect(track.spans.count < 512)
        #expect(track.spans.count >= 200)
        #expect(track.spans.allSatisfy { $0.serverShare == 0.25 && $0.generatorShare == 0.5 })
    }

    @Test func `a server that is gone, or another one, has no share`() {
        var track = UsageTrack(startUs: 0)
        for (index, server) in ([4, nil, 9, 3] as [Int64?]).enumerated() {
            track.sample(atUs: Int64(index) * 500_000) { reading(0, server: server) }
        }
        #expect(track.spans.map(\.serverShare) == [nil, nil, nil])
        #expect(track.spans.map(\.serverResidentBytes) == [nil, 18, 6])
    }
}
