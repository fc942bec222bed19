import Engine
import TestSupport
import Testing
import Transport

/// The embedded broker forgets passing-through streams that nobody would miss, and only those.
struct PassThroughTests {
    @Test
    func `keeps a stream that has a member or a listener, however many others come`() async throws {
        let (attended, heard, left) = (
            StreamName("events/1"), StreamName("events/2"), StreamName("events/3")
        )
        let mina = Member(user: UserID(7), name: "Mina")
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            let listener = RecordingListener()
            broker.enter(mina, attended)
            _ = try await broker.attach(listener, to: heard, keeping: .nothing)
            broker.enter(mina, left)
            broker.leave(mina.user, left)
            let before = try await broker.tops(of: [attended, heard, left], keeping: .nothing)
            for number in 0..<25_000 {
                let passing = StreamName("topic/\(number)")
                broker.append(Draft("a"), to: passing, keeping: .nothing) { _ in }
            }
            let after = try await broker.tops(of: [attended, heard, left], keeping: .nothing)
            #expect(after.map(\.top) == [1, 0, 0])
            #expect(zip(before, after).map { $0.epoch == $1.epoch } == [true, true, false])
            #expect(try await broker.attendance(of: attended).members == [mina])
        }
    }
}
