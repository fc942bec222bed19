import Engine
import Transport

/// Tells those on this node whom the authority log's news concern.
package struct AuthorityDispatch: Sendable {
    private let server: Server
    private let rooms: Rooms
    private let departed: DepartedUsers

    package init(server: Server, rooms: Rooms, departed: DepartedUsers) {
        self.server = server
        self.rooms = rooms
        self.departed = departed
    }

    /// Returns at once.
    package func pass(_ update: AuthorityUpdate) {
        switch update {
        case .news(let news):
            var users: Set<UserID> = []
            for each in news {
                switch each {
                case .changed(let user): users.insert(user)
                case .closed(let room): rooms.closed(room.streams)
                case .departed(let user):
                    departed.add(user)
                    users.insert(user)
                case .disconnected(let user): server.disconnect(user)
                }
            }
            if !users.isEmpty { server.authorityChanged(.users(users)) }
        case .missedSome:
            rooms.closed([])
            server.authorityChanged(.everybody)
        }
    }
}
