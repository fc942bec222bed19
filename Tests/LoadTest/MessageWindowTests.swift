import Testing

@testable import LoadTest

/// Two rooms of two members: connections 0 and 2 are in room 0, 1 and 3 in room 1.
struct MessageWindowTests {
    private func window(_ finish: MessageWindow.Finish, size: Int = 2) -> MessageWindow {
        MessageWindow(size: size, finish: finish, connectionCount: 4, roomCount: 2)
    }

    @Test func `a message is finished when all members have it`() {
        var window = window(.allMembers)
        window.send(room: 0)
        window.send(room: 1)
        #expect(!window.hasRoom)
        window.deliver(1, connection: 0)
        window.deliver(1, connection: 1)
        #expect(!window.hasRoom)
        window.deliver(1, connection: 2)
        #expect(window.hasRoom)
        #expect(window.unfinishedCount == 1)
    }

    @Test func `a member that is ahead finishes nothing for those behind`() {
        var window = window(.allMembers)
        window.send(room: 0)
        window.send(room: 0)
        window.deliver(2, connection: 0)
        #expect(window.unfinishedCount == 2)
        window.deliver(1, connection: 2)
        #expect(window.unfinishedCount == 1)
        window.send(room: 0)
        window.deliver(1, connection: 0)
        #expect(window.unfinishedCount == 2)
        window.deliver(2, connection: 2)
        #expect(window.unfinishedCount == 0)
    }

    @Test func `surplus deliveries count for nothing`() {
        var window = window(.allMembers)
        window.send(room: 0)
        window.deliver(5, connection: 0)
        window.deliver(1, connection: 2)
        window.send(room: 0)
        #expect(window.unfinishedCount == 1)
    }

    @Test func `a receipt finishes a message where receipts are asked for`() {
        var window = window(.receipt, size: 1)
        window.send(room: 0)
        window.deliver(1, connection: 0)
        window.deliver(1, connection: 2)
        #expect(!window.hasRoom)
        window.acknowledge()
        window.acknowledge()
        #expect(window.unfinishedCount == 0)
    }

    @Test func `places are used again through a long run`() {
        var window = window(.allMembers, size: 3)
        for _ in 0..<1_000 {
            while window.hasRoom { window.send(room: 1) }
            window.deliver(1, connection: 1)
            window.deliver(1, connection: 3)
            #expect(window.unfinishedCount == 2)
        }
    }
}
