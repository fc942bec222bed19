import Testing

@testable import Engine

struct TypingBoardTests {
    private let mina = Member(user: UserID(7), name: "Mina")
    private let otto = Member(user: UserID(3), name: "Otto")

    private func started(_ member: Member) -> TypingBoard.Announcement {
        TypingBoard.Announcement(change: .started, member: member)
    }

    private func stopped(_ member: Member) -> TypingBoard.Announcement {
        TypingBoard.Announcement(change: .stopped, member: member)
    }

    @Test func `whoever begins is announced, and looked at again when it would be over`() {
        var board = TypingBoard()
        #expect(board.isEmpty)
        let outcome = board.type(mina, nowMs: 100)
        #expect(outcome.announcement == started(mina))
        #expect(outcome.check?.user == mina.user)
        #expect(outcome.check?.afterMs == 6_000)
        #expect(!board.isEmpty)
    }

    @Test func `repeats are announced every three seconds at most, and set no further checks`() {
        var board = TypingBoard()
        _ = board.type(mina, nowMs: 0)
        for nowMs in stride(from: Int64(0), to: 3_000, by: 50) {
            #expect(board.type(mina, nowMs: nowMs) == .nothing)
        }
        let repeated = board.type(mina, nowMs: 3_000)
        #expect(repeated == TypingBoard.Outcome(announcement: started(mina)))
        #expect(board.type(mina, nowMs: 5_999) == .nothing)
        #expect(board.type(mina, nowMs: 6_000).announcement == started(mina))
    }

    @Test func `what is not said again is over after six seconds`() throws {
        var board = TypingBoard()
        let check = try #require(board.type(mina, nowMs: 0).check)
        #expect(board.look(check, nowMs: 6_000).announcement == stopped(mina))
        #expect(board.isEmpty)
        #expect(board.look(check, nowMs: 6_000) == .nothing)
    }

    @Test func `what is said again is over six seconds after it was said last`() throws {
        var board = TypingBoard()
        let check = try #require(board.type(mina, nowMs: 0).check)
        _ = board.type(mina, nowMs: 2_000)
        let first = board.look(check, nowMs: 6_000)
        #expect(first.announcement == nil)
        let next = try #require(first.check)
        #expect(next.afterMs == 2_000)
        #expect(board.look(next, nowMs: 8_000).announcement == stopped(mina))
        #expect(board.isEmpty)
    }

    @Test func `whoever stops is announced to have stopped, once`() throws {
        var board = TypingBoard()
        let check = try #require(board.type(mina, nowMs: 0).check)
        #expect(board.stop(mina.user).announcement == stopped(mina))
        #expect(board.stop(mina.user) == .nothing)
        #expect(board.look(check, nowMs: 6_000) == .nothing)
        #expect(board.isEmpty)
    }

    @Test func `beginning and stopping in turn is announced once in three seconds`() {
        var board = TypingBoard()
        var announcements: [TypingChange] = []
        for nowMs in stride(from: Int64(0), to: 6_000, by: 10) {
            for outcome in [board.type(mina, nowMs: nowMs), board.stop(mina.user)] {
                if let announcement = outcome.announcement {
                    announcements.append(announcement.change)
                }
            }
        }
        #expect(announcements == [.started, .stopped, .started, .stopped])
    }

    @Test func `an entry whose bound still runs is looked at again, and then forgotten`() throws {
        var board = TypingBoard()
        let check = try #require(board.type(mina, nowMs: 0).check)
        _ = board.type(mina, nowMs: 5_000)
        _ = board.stop(mina.user)
        let outcome = board.look(check, nowMs: 6_000)
        #expect(outcome.announcement == nil)
        let next = try #require(outcome.check)
        #expect(next.afterMs == 2_000)
        #expect(board.look(next, nowMs: 8_000) == .nothing)
        #expect(board.isEmpty)
    }

    @Test func `sending ends it at once, and the next thing is announced at once`() throws {
        var board = TypingBoard()
        let check = try #require(board.type(mina, nowMs: 0).check)
        #expect(board.send(mina.user).announcement == stopped(mina))
        #expect(board.isEmpty)
        #expect(board.send(mina.user) == .nothing)
        let again = board.type(mina, nowMs: 100)
        #expect(again.announcement == started(mina))
        #expect(board.look(check, nowMs: 6_000) == .nothing)
        let second = try #require(again.check)
        #expect(board.look(second, nowMs: 6_100).announcement == stopped(mina))
    }

    @Test func `one user's typing is not another's, and goes by the latest name`() {
        var board = TypingBoard()
        _ = board.type(mina, nowMs: 0)
        #expect(board.type(otto, nowMs: 1).announcement == started(otto))
        #expect(board.send(otto.user).announcement == stopped(otto))
        let renamed = Member(user: mina.user, name: "Mina the cat")
        #expect(board.type(renamed, nowMs: 2) == .nothing)
        #expect(board.stop(mina.user).announcement == stopped(renamed))
    }
}
