import Engine
import Testing

@testable import App

struct MyRoomsTests {
    private let now = Epoch(rawValue: 2)
    private let before = Epoch(rawValue: 1)
    private let reader = UserID(7)

    private func unread(
        after read: Position?, top: UInt64 = 10, floor: UInt64 = 1, newestOf sender: Int64 = 8
    ) -> UInt64 {
        let newest = Publication(
            offset: top, sender: UserID(sender), senderName: "", contentType: "", body: [],
            timestampMs: 0)
        let stream = StreamTop(epoch: now, top: top, floor: floor, newest: newest)
        return MyRooms.unreadCount(in: stream, after: read, by: reader)
    }

    @Test func `counts what is kept above what was read`() {
        #expect(unread(after: nil) == 10)
        #expect(unread(after: nil, floor: 4) == 7)
        #expect(unread(after: Position(epoch: now, offset: 6)) == 4)
        #expect(unread(after: Position(epoch: now, offset: 2), floor: 4) == 7)
        #expect(unread(after: Position(epoch: now, offset: 10)) == 0)
    }

    @Test func `who said the last message has read the others`() {
        #expect(unread(after: nil, newestOf: 7) == 0)
    }

    @Test func `what was read stays read in a stream that goes on in a new life`() {
        #expect(unread(after: Position(epoch: before, offset: 6)) == 4)
        #expect(unread(after: Position(epoch: before, offset: 10)) == 0)
    }

    @Test func `nothing is read in a stream that has lost what was read`() {
        #expect(unread(after: Position(epoch: before, offset: 11)) == 10)
    }
}
