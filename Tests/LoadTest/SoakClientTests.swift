import Measure
import Testing

@testable import LoadTest

struct SoakClientTests {
    /// Chooses the largest number each time, so that delays are the longest possible.
    private struct Highest: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    /// A client that is connected and subscribed in so many rooms.
    private func online(rooms: Int = 1) -> SoakClient {
        var client = SoakClient(
            (0..<rooms).map { SoakClient.Membership(room: $0) })
        client.connected(atUs: 0)
        for slot in 0..<rooms {
            _ = client.memberships[slot].check.answer(0)
            client.memberships[slot].isAnswered = true
        }
        return client
    }

    @Test func `numbers what it writes in each room by itself`() {
        var client = online(rooms: 2)
        let letters = [0, 1, 0].map { client.write(slot: $0, atUs: 5) }
        #expect(letters.map { $0?.number } == [1, 1, 2])
        #expect(Set(letters.map { $0?.receipt }).count == 3)
    }

    @Test func `keeps what has no receipt, in its order, over connections`() {
        var client = online()
        let receipts = (0..<3).compactMap { _ in client.write(slot: 0, atUs: 5)?.receipt }
        #expect(receipts.map { client.send($0) } == [false, false, false])
        #expect(client.acknowledge(receipts[1])?.number == 2)
        #expect(client.acknowledge(receipts[1]) == nil)
        client.disconnected()
        client.connected(atUs: 0)
        #expect(client.outbox.map(\.number) == [1, 3])
        #expect(client.send(receipts[0]) == true, "it leaves again")
    }

    @Test func `writes without a connection, up to a bound`() {
        var client = online()
        client.disconnected()
        for _ in 1...SoakClient.outboxMax {
            #expect(client.write(slot: 0, atUs: 5) != nil)
        }
        #expect(client.write(slot: 0, atUs: 5) == nil)
        #expect(client.memberships[0].writtenCount == UInt32(SoakClient.outboxMax))
    }

    @Test func `knows what left at once on the connection it has`() {
        var client = online()
        #expect(client.hasSentAtOnce(5))
        client.disconnected()
        #expect(!client.hasSentAtOnce(5))
        client.connected(atUs: 7)
        #expect(!client.hasSentAtOnce(6))
        #expect(client.hasSentAtOnce(7))
    }

    @Test func `writes nothing in a room that it has never entered`() {
        var client = SoakClient([SoakClient.Membership(room: 0)])
        client.connected(atUs: 0)
        #expect(client.write(slot: 0, atUs: 5) == nil)
    }

    @Test func `is subscribed only by the answers on this connection`() {
        var client = online()
        #expect(client.isSubscribed)
        client.disconnected()
        client.connected(atUs: 0)
        #expect(!client.isSubscribed)
    }

    @Test func `a letter that was refused is no more waited for until it leaves again`() throws {
        var client = online()
        let receipt = try #require(client.write(slot: 0, atUs: 5)?.receipt)
        #expect(!client.waitsForReceipts)
        _ = client.send(receipt)
        #expect(client.waitsForReceipts)
        #expect(client.refuse(receipt)?.isRefused == true)
        #expect(!client.waitsForReceipts)
        _ = client.send(receipt)
        #expect(client.waitsForReceipts)
    }

    @Test func `backs off further with each attempt in vain, up to a bound`() {
        var client = online()
        var highest = Highest()
        let delaysUs = (0..<6).map { _ in client.backOff(using: &highest) }
        #expect(delaysUs == [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 5_000_000])
        client.connected(atUs: 0)
        #expect(client.backOff(using: &highest) == 250_000)
    }

    @Test func `the same seed gives the same habits`() {
        func habits(_ seed: UInt64) -> [Int64] {
            var habits = SoakHabits(seed: seed, roomCount: 10, stayUs: 1_000_000)
            return (0..<20).flatMap { client in
                habits.memberships(of: client).map { Int64($0.room) } + [
                    habits.stay(), habits.absence(), habits.deafness(),
                ]
            }
        }
        #expect(habits(1) == habits(1))
        #expect(habits(1) != habits(2))
    }

    @Test func `everybody is in some rooms, nobody twice, and no room is empty`() {
        var habits = SoakHabits(seed: 3, roomCount: 20, stayUs: 1_000_000)
        var members = Array(repeating: 0, count: 20)
        for client in 0..<100 {
            let rooms = habits.memberships(of: client).map(\.room)
            #expect(Set(rooms).count == rooms.count)
            #expect(rooms.contains(SoakHabits.busyRoom) == SoakHabits.isBusy(client))
            for room in rooms { members[room] += 1 }
        }
        #expect(members.allSatisfy { $0 > 0 })
    }

    @Test func `some leave in each way, and only members of the busy room go deaf`() {
        var habits = SoakHabits(seed: 3, roomCount: 20, stayUs: 1_000_000)
        let busy = Set((0..<200).map { _ in habits.departure(of: SoakHabits.busyShare) })
        let quiet = Set((0..<200).map { _ in habits.departure(of: SoakHabits.busyShare + 1) })
        #expect(busy.contains(.deaf))
        #expect(quiet == [.clean, .abrupt, .midFrame])
    }
}
