import Engine

/// An open chat: a room that any signed-in user may find and talk in.
struct OpenChat: Codable, Sendable, Hashable {
    let id: Int64
    var title: String
    var content: String
    let ownerId: Int64
    let owner: String
    /// Who joined, the owner included.
    var memberCount: Int
    /// Keys of media, in the order in which they are shown; nil: none.
    var images: [String]?
    let createdAtMs: Int64
}

/// Why an operation on open chats was not carried out.
enum OpenChatError: Error, Hashable, Sendable {
    case invalid([FieldProblem])
    case noSuchRoom
    /// The user is a member of as many as one may be.
    case tooManyRooms
    /// The user is kept out of the room, or may not keep others out.
    case forbidden
    /// As many are kept out of the room as may be.
    case tooManyBans
    case store(StoreError)
}

/// The community's open chats, in the store.
package struct OpenChats: Sendable {
    static let titleCharactersMax = 100
    static let contentCharactersMax = 2_000

    static let collection = "openchat"
    /// All open chats by the time they were made.
    private static let index = "openchat/created"
    /// How often a change is tried again because another node changed the room meanwhile.
    static let attemptsMax = 32
    /// Queues for changes of rooms; rooms share them by their numbers.
    private static let queueCount: Int64 = 64

    let store: any Store
    let authority: AuthorityLog
    let streams: ChatStreams
    /// What the commit that takes a room away must say of its images.
    let detach: @Sendable ([String]) -> [Change]
    private let queues = (0..<Self.queueCount).map { _ in Turnstile(countMax: 1) }
    let now: @Sendable () -> Int64

    package init(
        store: any Store, authority: AuthorityLog, streams: ChatStreams,
        detaching detach: @escaping @Sendable ([String]) -> [Change] = { _ in [] },
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.authority = authority
        self.streams = streams
        self.detach = detach
        self.now = now
    }

    /// Makes an open chat, whose first member is its owner. With a key that the owner has used within
    /// 24 hours it is the chat that was made then.
    func create(
        title: String, content: String, images: Pictures? = nil, owner: Identity,
        key: IdempotencyKey?
    ) async throws(OpenChatError) -> OpenChat {
        let title = PlainText(title, characters: 1...Self.titleCharactersMax)
        let content = PlainText(
            content, characters: 0...Self.contentCharactersMax, allowsLines: true)
        guard let title, let content else {
            throw .invalid(
                [title == nil ? Self.badTitle : nil, content == nil ? Self.badContent : nil]
                    .compactMap(\.self))
        }
        let claim = key.map { Claim(Self.collection, $0, by: owner.user) }
        if let claim, let known = try await chat(claimedBy: claim) { return known }
        try await checkMembershipCount(of: owner.user)
        do throws(StoreError) {
            let id = try await store.advance(Self.collection, by: 1)
            let chat = OpenChat(
                id: id, title: title.text, content: content.text, ownerId: owner.user.rawValue,
                owner: owner.name, memberCount: 1, images: images?.keys,
                createdAtMs: now())
            var changes: [Change] = [
                .put(Self.key(id), value: StoredValue.encode(chat), expecting: .absent),
                Self.listing(of: chat).insertion,
                .put(Self.memberKey(id, owner.user), value: []),
            ]
            changes += Self.listing(owner.user, in: id)
            changes += images?.changes(Self.key(id), []) ?? []
            if let claim { changes.append(claim.taken(for: String(id), nowMs: now())) }
            try await store.commit(changes)
            return chat
        } catch {
            // The same request at the same time was first.
            if let claim, case .conflict(claim.record) = error,
                let known = try await self.chat(claimedBy: claim)
            {
                return known
            }
            throw .store(error)
        }
    }

    private func chat(claimedBy claim: Claim) async throws(OpenChatError) -> OpenChat? {
        let outcome: String?
        do {
            outcome = try await claim.outcome(in: store)
        } catch {
            throw .store(error)
        }
        guard let id = outcome.flatMap({ Int64($0) }) else { return nil }
        return try await chat(id)
    }

    /// A room in the list of all of them.
    static func listing(of chat: OpenChat) -> Listing {
        Listing(index, chat.createdAtMs.sortKey, String(chat.id))
    }

    private static let badTitle = FieldProblem(
        field: "title", reason: "A title is one line of 1 to \(titleCharactersMax) characters.")
    private static let badContent = FieldProblem(
        field: "content", reason: "A description has at most \(contentCharactersMax) characters.")

    /// Makes changes of one room one after the other on this node: many who come at once would else
    /// be in each other's way, each but one in vain. Other nodes may still be.
    func inTurn(
        _ id: Int64, _ change: () async throws(OpenChatError) -> Void
    ) async throws(OpenChatError) {
        let queue = queues[Int(UInt64(bitPattern: id) % UInt64(Self.queueCount))]
        await queue.enter()
        defer { queue.leave() }
        try await change()
    }

    /// The open chat with this number.
    func chat(_ id: Int64) async throws(OpenChatError) -> OpenChat {
        try await read(id).chat
    }

    /// Whether there is an open chat with this number.
    func isThere(_ id: Int64) async throws(StoreError) -> Bool {
        try await store.records([Self.key(id)])[0] != nil
    }

    /// Throws unless there is an open chat with this number that the user is not kept out of. It reads
    /// nothing else of it, and so costs a fraction of `chat`.
    func check(_ id: Int64, for user: UserID) async throws(OpenChatError) {
        let records = try await records([Self.key(id), Self.banKey(id, user)])
        guard records[0] != nil else { throw .noSuchRoom }
        guard records[1] == nil else { throw .forbidden }
    }

    /// A page of open chats and how many there are in all.
    func list(
        skip: Int, limit: Int, oldestFirst: Bool
    ) async throws(OpenChatError) -> (chats: [OpenChat], total: Int) {
        do throws(StoreError) {
            let total = try await store.count(of: Self.index, in: .all)
            let entries = try await store.entries(
                of: Self.index, in: .all, descending: !oldestFirst, skip: skip, limit: limit)
            let keys = entries.map { RecordKey(Self.collection, $0.id) }
            var chats: [OpenChat] = []
            for (key, record) in zip(keys, try await store.records(keys)) {
                guard let record else { continue }
                chats.append(try StoredValue.decode(OpenChat.self, from: record, at: key))
            }
            return (chats, total)
        } catch {
            throw .store(error)
        }
    }

    func read(
        _ id: Int64
    ) async throws(OpenChatError) -> (chat: OpenChat, version: UInt64) {
        guard let record = try await record(Self.key(id)) else { throw .noSuchRoom }
        do {
            let chat = try StoredValue.decode(OpenChat.self, from: record, at: Self.key(id))
            return (chat, record.version)
        } catch {
            throw .store(error)
        }
    }

    func record(_ key: RecordKey) async throws(OpenChatError) -> Record? {
        try await records([key])[0]
    }

    func records(_ keys: [RecordKey]) async throws(OpenChatError) -> [Record?] {
        do {
            return try await store.records(keys)
        } catch {
            throw .store(error)
        }
    }

    static func key(_ id: Int64) -> RecordKey { RecordKey(collection, String(id)) }

    static func memberKey(_ id: Int64, _ user: UserID) -> RecordKey {
        RecordKey("openchat-member", "\(id)/\(user)")
    }
}
