import Engine

/// Answers what is asked without a session, as REST does: a page of what was said last, with the
/// position from which listening misses nothing.
actor Reception {
    private nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let broker: any Broker
    private let mailbox: Mailbox

    private let mutant: Mutant?

    init(loop: any Loop, broker: any Broker, mailbox: Mailbox, mutant: Mutant?) {
        self.loop = loop
        self.broker = broker
        self.mailbox = mailbox
        self.mutant = mutant
    }

    /// Called on the loop; the page comes by mail.
    func ask(_ room: RoomSpec, client: Int, request: Int) {
        Task {
            do throws(BrokerError) {
                let page = try await page(of: room)
                mailbox.post(.page(.success(page), client: client, request: request))
            } catch {
                mailbox.post(.page(.failure(error), client: client, request: request))
            }
        }
    }

    /// Asks who is there, by the room's events.
    func askMembers(_ room: RoomSpec, client: Int, request: Int) {
        Task {
            do throws(BrokerError) {
                let attendance = try await broker.attendance(of: room.stream)
                mailbox.post(.members(attendance, client: client, request: request))
            } catch {
                mailbox.post(.members(nil, client: client, request: request))
            }
        }
    }

    private func page(of room: RoomSpec) async throws(BrokerError) -> SnapshotPage {
        let now = try await broker.read(
            room.stream, after: 0, limit: 0, keeping: room.policy.retention)
        let start = now.top - min(now.top, UInt64(Self.countMax))
        let page = try await broker.read(
            room.stream, after: start, limit: Int(now.top - start), keeping: room.policy.retention)
        if mutant == .readsPositionLate {
            let late = try await broker.read(
                room.stream, after: 0, limit: 0, keeping: room.policy.retention)
            return SnapshotPage(
                publications: page.publications,
                position: Position(epoch: late.epoch, offset: late.top))
        }
        // Read in another life of the stream, the page is true for nothing but itself.
        let end = page.epoch == now.epoch ? now.top : 0
        return SnapshotPage(
            publications: page.publications,
            position: Position(
                epoch: page.epoch, offset: page.publications.last?.offset ?? end))
    }

    static let countMax = 20
}
