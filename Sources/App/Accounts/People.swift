import Engine

/// How people are shown to others.
struct Person: Sendable, Hashable {
    let name: String
    /// The key of a picture under `/media`.
    let image: String?

    /// Somebody whose account is gone.
    static let unknown = Person(name: "(deleted)", image: nil)
}

/// Looks up how people are shown, as of now: a new name stands everywhere at once.
package struct People: Sendable {
    private let store: any Store

    package init(store: any Store) {
        self.store = store
    }

    /// The people with these numbers.
    func people(_ users: some Sequence<UserID>) async throws(StoreError) -> [UserID: Person] {
        let users = Array(Set(users))
        let keys = users.map { Account.key($0) }
        var people: [UserID: Person] = [:]
        for (index, record) in try await store.records(keys).enumerated() {
            guard let record else { continue }
            let account = try StoredValue.decode(Account.self, from: record, at: keys[index])
            people[users[index]] = Person(name: account.nickname, image: account.image)
        }
        return people
    }
}
