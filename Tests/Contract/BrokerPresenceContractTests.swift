import Engine
import TestSupport
import Testing

/// Who is in a room, as every broker owes it.
struct BrokerPresenceContractTests {
    private let events = StreamName("events/1")
    private let mina = Member(user: UserID(7), name: "Mina")
    private let otto = Member(user: UserID(3), name: "Otto")

    @Test(arguments: Adapter.allCases)
    func `announces who comes and who goes, once each`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: events, keeping: .nothing)
            broker.enter(mina, events)
            broker.enter(mina, events)
            broker.leave(otto.user, events)
            broker.leave(mina.user, events)
            broker.leave(mina.user, events)
            await listener.hears(2)
            _ = try await broker.append(Draft("end"), to: events, keeping: .nothing)
            #expect(
                listener.publications.map(Line.init) == [
                    Line(offset: 1, sender: 7, name: "Mina", type: "presence/joined", body: ""),
                    Line(offset: 2, sender: 7, name: "Mina", type: "presence/left", body: ""),
                    Line(offset: 3, sender: 1, name: "user 1", type: "text/plain", body: "end"),
                ])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `announces a change with the time it happened at`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let listener = RecordingListener()
            _ = try await subject.port.attach(listener, to: events, keeping: .nothing)
            subject.port.enter(mina, events)
            subject.clock.advance(byMs: 1_500)
            subject.port.leave(mina.user, events)
            await listener.hears(2)
            let nowMs = subject.clock.nowMs
            #expect(listener.publications.map(\.timestampMs) == [nowMs - 1_500, nowMs])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `puts changes in one order with what else is said`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: events, keeping: .nothing)
            await withTaskGroup(of: Void.self) { group in
                for user in 1...4 as ClosedRange<Int64> {
                    group.addTask {
                        for number in 0..<25 {
                            let member = Member(user: UserID(user), name: "\(number)")
                            broker.enter(member, events)
                            broker.append(
                                Draft("\(number)", from: user), to: events, keeping: .nothing
                            ) { _ in }
                            broker.leave(member.user, events)
                        }
                    }
                }
            }
            let last = try await broker.append(Draft("end"), to: events, keeping: .nothing)
            #expect(listener.offsets == Array(1...last.position.offset))
            for user in 1...4 as ClosedRange<Int64> {
                let mine = listener.publications.filter { $0.sender == UserID(user) }
                let changes = mine.compactMap { PresenceChange(contentType: $0.contentType) }
                #expect(changes.enumerated().allSatisfy { ($1 == .joined) == ($0 % 2 == 0) })
                #expect(changes.last != .joined)
                let texts = mine.filter { $0.contentType == "text/plain" }.map(\.text)
                #expect(texts.prefix(25).elementsEqual((0..<25).map(String.init)))
            }
        }
    }

    @Test(arguments: Adapter.allCases)
    func `knows who is there, by their numbers and latest names, as of a position`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let before = try await broker.attendance(of: events)
            #expect(before.members.isEmpty)
            #expect(before.position.offset == 0)
            broker.enter(mina, events)
            broker.enter(otto, events)
            broker.enter(Member(user: mina.user, name: "Mina the cat"), events)
            broker.enter(Member(user: UserID(5), name: "gone"), events)
            broker.leave(UserID(5), events)
            let attendance = try await broker.attendance(of: events)
            #expect(attendance.members == [otto, Member(user: mina.user, name: "Mina the cat")])
            #expect(attendance.position.offset == 4)
            #expect(attendance.position.epoch == before.position.epoch)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `says goodbye under the latest name`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let listener = RecordingListener()
            _ = try await subject.port.attach(listener, to: events, keeping: .nothing)
            subject.port.enter(mina, events)
            subject.port.enter(Member(user: mina.user, name: "Mina the cat"), events)
            subject.port.leave(mina.user, events)
            await listener.hears(2)
            #expect(listener.publications.map(\.senderName) == ["Mina", "Mina the cat"])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `whoever applies later events to an attendance knows who is there`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: events, keeping: .nothing)
            let coming = Task {
                for number in 0..<2_000 as Range<Int64> {
                    let user = UserID(number % 20)
                    if number % 3 == 0 {
                        broker.leave(user, events)
                    } else {
                        broker.enter(Member(user: user, name: "\(user)"), events)
                    }
                }
            }
            let early = try await broker.attendance(of: events)
            await coming.value
            let late = try await broker.attendance(of: events)
            await listener.hears(Int(late.position.offset))
            var present = Set(early.members.map(\.user))
            for event in listener.publications where event.offset > early.position.offset {
                switch PresenceChange(contentType: event.contentType) {
                case .joined: #expect(present.insert(event.sender).inserted)
                case .left: #expect(present.remove(event.sender) != nil)
                case nil: Issue.record("nobody said anything else")
                }
            }
            #expect(present == Set(late.members.map(\.user)))
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps the rooms apart`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let other = StreamName("events/2")
            subject.port.enter(mina, events)
            subject.port.enter(otto, other)
            let (here, there) = (
                try await subject.port.attendance(of: events),
                try await subject.port.attendance(of: other)
            )
            #expect(here.members == [mina])
            #expect(there.members == [otto])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `takes a member in where nothing can be stored, for when it can`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            subject.port.enter(otto, events)
            await subject.setFailing(true)
            subject.port.enter(mina, events)
            subject.port.leave(otto.user, events)
            await subject.setFailing(false)
            let attendance = try await subject.port.attendance(of: events)
            #expect(attendance.members == [mina])
        }
    }
}

/// A publication in one comparable line.
private struct Line: Equatable {
    let offset: UInt64
    let sender: Int64
    let name: String
    let type: String
    let body: String

    init(offset: UInt64, sender: Int64, name: String, type: String, body: String) {
        self.offset = offset
        self.sender = sender
        self.name = name
        self.type = type
        self.body = body
    }

    init(_ publication: Publication) {
        self.init(
            offset: publication.offset, sender: publication.sender.rawValue,
            name: publication.senderName, type: publication.contentType, body: publication.text)
    }
}
