import Testing

@testable import LoadTest

struct PublisherTests {
    /// Chooses the largest number each time, so that delays are the longest possible.
    private struct Highest: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    private func message(_ key: String) -> Publisher.Message {
        Publisher.Message(room: "1", key: key)
    }

    @Test func `what has no receipt stays to be sent again, in order`() {
        var publisher = Publisher()
        for key in ["a", "b", "c"] { publisher.send(message(key)) }
        let answers = [publisher.acknowledge("b"), publisher.acknowledge("b")]
        #expect(answers == [message("b"), nil])
        #expect(publisher.unacknowledged == [message("a"), message("c")])
    }

    @Test func `sends no more than may wait for receipts`() {
        var publisher = Publisher()
        for number in 1...Publisher.unacknowledgedMax {
            #expect(publisher.hasRoom)
            publisher.send(message("\(number)"))
        }
        #expect(!publisher.hasRoom)
    }

    @Test func `comes back once for each loss, and later each time`() {
        var publisher = Publisher()
        var highest = Highest()
        var delaysUs: [Int64] = []
        for _ in 1...9 {
            publisher.lost(atUs: 0, using: &highest)
            let dueUs = publisher.reconnectAtUs ?? -1
            delaysUs.append(dueUs)
            let answers = [dueUs - 1, dueUs, dueUs].map { publisher.shouldReconnect(atUs: $0) }
            #expect(answers == [false, true, false])
        }
        #expect(delaysUs.prefix(3) == [50_000, 100_000, 200_000])
        #expect(delaysUs.last == 2_000_000)
        publisher.connected()
        publisher.lost(atUs: 0, using: &highest)
        #expect(publisher.reconnectAtUs == 50_000)
    }
}
