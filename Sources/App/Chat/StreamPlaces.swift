import Engine
import Synchronization

/// How many event streams each user has open on this node.
package final class StreamPlaces: Sendable {
    private let counts = Mutex<[UserID: Int]>([:])
    private let perUserMax: Int

    /// `perUserMax` is what each user may have open at a time; 0: as many as they like.
    package init(perUserMax: Int) {
        self.perUserMax = perUserMax == 0 ? .max : perUserMax
    }

    /// A place among the user's streams, taken for as long as somebody keeps it.
    package final class Place: Sendable {
        private let places: StreamPlaces
        private let user: UserID

        fileprivate init(of user: UserID, in places: StreamPlaces) {
            self.places = places
            self.user = user
        }

        deinit {
            places.release(user)
        }
    }

    /// A place for one more stream; nil where the user has as many as one may.
    package func take(_ user: UserID) -> Place? {
        let isTaken = counts.withLock { counts in
            guard counts[user, default: 0] < perUserMax else { return false }
            counts[user, default: 0] += 1
            return true
        }
        return isTaken ? Place(of: user, in: self) : nil
    }

    /// Users with a stream.
    var userCount: Int { counts.withLock { $0.count } }

    private func release(_ user: UserID) {
        counts.withLock { counts in
            let rest = counts[user, default: 0] - 1
            counts[user] = rest > 0 ? rest : nil
        }
    }
}
