import Testing

@testable import LoadTest

struct SequenceCheckTests {
    @Test(
        arguments: [
            ([1, 2, 3], [.next, .next, .next]),
            ([1, 3, 4], [.next, .skipped(1), .next]),
            ([1, 3, 2, 2, 4], [.next, .skipped(1), .late, .repeated, .next]),
            ([1, 1], [.next, .repeated]),
            ([3, 2, 1, 3], [.skipped(2), .late, .late, .repeated]),
            ([0], [.repeated]),
            ([100, 36], [.skipped(99), .late]),
            ([100, 37, 37], [.skipped(99), .late, .repeated]),
            ([1, 1_000_000], [.next, .skipped(999_998)]),
        ] as [([Int64], [SequenceCheck.Verdict])])
    func `says of each number how it came`(numbers: [Int64], verdicts: [SequenceCheck.Verdict]) {
        var check = SequenceCheck(after: 0)
        let told = numbers.map { check.take($0) }
        #expect(told == verdicts)
    }

    @Test func `counts on from anywhere`() {
        var check = SequenceCheck(after: 41)
        let verdicts = [42, 41].map { check.take($0) }
        #expect(verdicts == [.next, .repeated])
        #expect(check.highest == 42)
    }
}
