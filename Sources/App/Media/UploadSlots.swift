import Engine
import Synchronization

/// How many uploads may be under way at a time, of all users and of one: each holds a file and some
/// memory, and may take long.
final class UploadSlots: Sendable {
    private let countMax: Int
    private let perUserMax: Int
    private let taken = Mutex<(count: Int, byUser: [UserID: Int])>((0, [:]))

    init(countMax: Int, perUserMax: Int) {
        self.countMax = countMax
        self.perUserMax = perUserMax
    }

    /// Takes one for a user; false where all are taken, or all of the user's.
    func take(_ user: UserID) -> Bool {
        taken.withLock { taken in
            let own = taken.byUser[user, default: 0]
            guard taken.count < countMax, own < perUserMax else { return false }
            taken.count += 1
            taken.byUser[user] = own + 1
            return true
        }
    }

    /// Gives one back that the user has taken.
    func release(_ user: UserID) {
        taken.withLock { taken in
            guard let own = taken.byUser[user] else {
                preconditionFailure("what is given back was taken")
            }
            taken.count -= 1
            taken.byUser[user] = own > 1 ? own - 1 : nil
        }
    }
}
