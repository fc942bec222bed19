import Engine

/// The pets of users, in the store.
package struct Pets: Sendable {
    private static let collection = "pet"

    private let store: any Store
    private let now: @Sendable () -> Int64

    package init(store: any Store, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    /// A page of a user's pets, in the order in which they were added, and how many there are.
    func list(
        of owner: UserID, skip: Int = 0, limit: Int = Pet.perUserMax
    ) async throws(PetError) -> (pets: [Pet], total: Int) {
        try await PetError.storing { () throws(StoreError) in
            let index = Self.list(of: owner)
            let total = try await store.count(of: index, in: .all)
            let entries = try await store.entries(
                of: index, in: .all, descending: false, skip: skip, limit: limit)
            let keys = entries.map { RecordKey(Self.collection, $0.id) }
            var pets: [Pet] = []
            for (key, record) in zip(keys, try await store.records(keys)) {
                guard let record else { continue }
                pets.append(try StoredValue.decode(Pet.self, from: record, at: key))
            }
            return (pets, total)
        }
    }

    /// Adds a pet, of which everything must be said. With a key that the owner has used within 24
    /// hours it is the one that was added then.
    func add(
        _ text: PetText, of owner: UserID, key: IdempotencyKey?
    ) async throws(PetError) -> Pet {
        let claim = key.map { Claim(Self.collection, $0, by: owner) }
        let id = try await store.once(claim, atMs: now()) { () throws(PetError) in
            guard try await list(of: owner, limit: 0).total < Pet.perUserMax else {
                throw .tooManyPets
            }
            let id: Int64 = try await PetError.storing { () throws(StoreError) in
                try await store.advance(Self.collection, by: 1)
            }
            let pet = Pet(
                id: id, ownerId: owner.rawValue, petName: text.name ?? "",
                petType: text.type ?? .other, petKind: text.kind ?? "",
                petGender: text.gender ?? .male)
            return (
                String(id),
                [
                    .put(Self.key(id), value: StoredValue.encode(pet), expecting: .absent),
                    Self.listing(of: pet).insertion,
                ]
            )
        }
        return try await read(Int64(id) ?? 0, of: owner).pet
    }

    /// Changes what is said of one of a user's pets.
    func update(_ id: Int64, _ text: PetText, of owner: UserID) async throws(PetError) -> Pet {
        _ = try await store.once(nil, atMs: now()) { () throws(PetError) in
            var (pet, version) = try await read(id, of: owner)
            if let name = text.name { pet.petName = name }
            if let type = text.type { pet.petType = type }
            if let kind = text.kind { pet.petKind = kind }
            if let gender = text.gender { pet.petGender = gender }
            return (
                "",
                [.put(Self.key(id), value: StoredValue.encode(pet), expecting: .version(version))]
            )
        }
        return try await read(id, of: owner).pet
    }

    /// Takes away one of a user's pets.
    func remove(_ id: Int64, of owner: UserID, key: IdempotencyKey?) async throws(PetError) {
        let claim = key.map { Claim("pet-delete/\(id)", $0, by: owner) }
        _ = try await store.once(claim, atMs: now()) { () throws(PetError) in
            let (pet, version) = try await read(id, of: owner)
            return (
                "",
                [
                    .remove(Self.key(id), expecting: .version(version)),
                    Self.listing(of: pet).deletion,
                ]
            )
        }
    }

    private func read(
        _ id: Int64, of owner: UserID
    ) async throws(PetError) -> (pet: Pet, version: UInt64) {
        let key = Self.key(id)
        let found: (Pet, UInt64)? = try await PetError.storing { () throws(StoreError) in
            guard let record = try await store.records([key])[0] else { return nil }
            return (try StoredValue.decode(Pet.self, from: record, at: key), record.version)
        }
        guard let found, found.0.ownerId == owner.rawValue else { throw .noSuchPet }
        return found
    }

    private static func key(_ id: Int64) -> RecordKey { RecordKey(collection, String(id)) }

    static func list(of owner: UserID) -> String { "pet/of/\(owner)" }

    private static func listing(of pet: Pet) -> Listing {
        Listing(list(of: UserID(pet.ownerId)), pet.id.sortKey, String(pet.id))
    }
}
