import Engine
import Testing

@testable import Transport

/// What a listener hears of a stream, and when replies go out.
struct RedisFollowingTests {
    private let epoch = Epoch(rawValue: 1)
    private let later = Epoch(rawValue: 2)

    @Test
    func `tells what the channel brings after the top`() {
        var following = following(at: 3)
        #expect(offsets(following.hear(publication(4), epoch)) == [4])
        #expect(offsets(following.hear(publication(5), epoch)) == [5])
    }

    @Test
    func `holds back what comes before the top is known, and drops what is below it`() {
        var following = RedisFollowing<Int>()
        #expect(following.begin() == [])
        for offset in 2...5 as ClosedRange<UInt64> {
            #expect(offsets(following.hear(publication(offset), epoch)) == [])
        }
        #expect(offsets(following.began(at: position(3))) == [4, 5])
        #expect(offsets(following.hear(publication(5), epoch)) == [])
        #expect(offsets(following.hear(publication(6), epoch)) == [6])
    }

    @Test
    func `tells what was answered at once where it is the next one, and not again`() {
        var following = following(at: 0)
        let outcome = following.answered(position(1), publication(1), 10)
        #expect(offsets(outcome) == [1])
        #expect(outcome.replies == [10])
        #expect(!following.wants(position(1)))
        #expect(offsets(following.hear(publication(1), epoch)) == [])
    }

    @Test
    func `lets a reply wait for what is before it`() {
        var following = following(at: 0)
        var outcome = following.answered(position(3), publication(3), 30)
        #expect(offsets(outcome) == [])
        #expect(outcome.replies == [])
        outcome = following.hear(publication(1), epoch)
        #expect(offsets(outcome) == [1])
        #expect(outcome.replies == [])
        outcome = following.hear(publication(2), epoch)
        #expect(offsets(outcome) == [2, 3])
        #expect(outcome.replies == [30])
        #expect(offsets(following.hear(publication(3), epoch)) == [])
    }

    @Test
    func `lets no reply overtake one that waits`() {
        var following = following(at: 0)
        #expect(following.answered(position(2), publication(2), 20).replies == [])
        #expect(following.answered(position(3), publication(3), 30).replies == [])
        let outcome = following.hear(publication(1), epoch)
        #expect(offsets(outcome) == [1, 2, 3])
        #expect(outcome.replies == [20, 30])
    }

    @Test
    func `lets the reply to a duplicate wait for the first one's announcement`() {
        var following = following(at: 0)
        #expect(following.answered(position(1), nil, 10).replies == [])
        let outcome = following.hear(publication(1), epoch)
        #expect(offsets(outcome) == [1])
        #expect(outcome.replies == [10])
        #expect(following.answered(position(1), nil, 11).replies == [11])
    }

    @Test
    func `replies what waits when the link is closed, and tells nothing of it`() {
        var following = following(at: 0)
        #expect(following.answered(position(2), publication(2), 20).replies == [])
        #expect(following.lost() == [20])
    }

    @Test
    func `waits for nothing that was lost with the link`() {
        var following = following(at: 0)
        #expect(following.lost() == [])
        let outcome = following.answered(position(4), publication(4), 40)
        #expect(offsets(outcome) == [4])
        #expect(outcome.replies == [40])
        // From here on the channel brings everything.
        #expect(following.answered(position(6), publication(6), 60).replies == [])
        #expect(following.hear(publication(5), epoch).replies == [60])
    }

    @Test
    func `passes a gap on to the listener`() {
        var following = following(at: 0)
        #expect(offsets(following.hear(publication(3), epoch)) == [3])
    }

    @Test
    func `tells of another life at once, and what waited in the one before is replied`() {
        var following = following(at: 5)
        #expect(following.answered(position(7), publication(7), 70).replies == [])
        let outcome = following.hear(publication(2), later)
        #expect(outcome.epoch == later)
        #expect(offsets(outcome) == [2])
        #expect(outcome.replies == [70])

        var other = self.following(at: 5)
        #expect(other.answered(position(7), publication(7), 70).replies == [])
        let answered = other.answered(Position(epoch: later, offset: 2), publication(2), 20)
        #expect(answered.epoch == later)
        #expect(offsets(answered) == [2])
        #expect(answered.replies == [70, 20])
    }

    @Test
    func `replies at once while the top is being asked for`() {
        var following = following(at: 0)
        #expect(following.answered(position(2), publication(2), 20).replies == [])
        #expect(following.begin() == [20])
        let outcome = following.answered(position(3), publication(3), 30)
        #expect(offsets(outcome) == [])
        #expect(outcome.replies == [30])
    }

    @Test
    func `drops what is too much to hold back, and then waits for nothing`() {
        var following = RedisFollowing<Int>()
        _ = following.begin()
        for offset in 1...20_000 as ClosedRange<UInt64> {
            _ = following.hear(publication(offset), epoch)
        }
        let told = offsets(following.began(at: position(0)))
        #expect(told == Array(1...UInt64(told.count)))
        #expect(told.count < 20_000)
        let outcome = following.answered(position(20_001), publication(20_001), 1)
        #expect(offsets(outcome) == [20_001])
    }

    private func following(at top: UInt64) -> RedisFollowing<Int> {
        var following = RedisFollowing<Int>()
        _ = following.begin()
        _ = following.began(at: position(top))
        return following
    }

    private func position(_ offset: UInt64) -> Position {
        Position(epoch: epoch, offset: offset)
    }

    private func publication(_ offset: UInt64) -> Publication {
        Publication(
            offset: offset, sender: UserID(1), senderName: "", contentType: "", body: [],
            timestampMs: 0)
    }

    private func offsets(_ outcome: RedisFollowing<Int>.Outcome) -> [UInt64] {
        outcome.publications.map(\.offset)
    }
}
