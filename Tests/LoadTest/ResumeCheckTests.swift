import Measure
import Testing

@testable import LoadTest

/// Two rooms of two, each of which missed the messages 2 to 4.
struct ResumeCheckTests {
    private var check = ResumeCheck(fromUs: 1_000, connectionCount: 4, missed: [2...4, 2...4])

    @Test mutating func `a member has caught up once it has all it had missed`() {
        for sequence in [2, 3, 4] as [Int64] {
            #expect(check.behindCount == 4)
            check.deliver(sequence, connection: 2, atUs: 1_000 + sequence * 100)
        }
        #expect(check.behindCount == 3)
        #expect(check.delays.count == 1)
        #expect(check.delays.max == 400)
    }

    @Test mutating func `what was sent later catches nobody up`() {
        for sequence in [5, 6, 7, 8] as [Int64] {
            check.deliver(sequence, connection: 0, atUs: 2_000)
        }
        #expect(check.behindCount == 4)
    }

    @Test mutating func `each member counts for itself, and once`() {
        for connection in 0..<4 {
            for sequence in 2...6 as ClosedRange<Int64> {
                check.deliver(sequence, connection: connection, atUs: 2_000)
            }
        }
        #expect(check.behindCount == 0)
        #expect(check.delays.count == 4)
    }
}
