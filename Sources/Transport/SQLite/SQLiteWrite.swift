import Engine

/// A piece of work for the database's writer. Those that wait together become one transaction.
enum SQLiteWrite: Sendable {
    typealias Reply<Value, Failure: Error> = @Sendable (Result<Value, Failure>) -> Void

    case append(Draft, StreamName, keeping: Retention, Reply<Appended, BrokerError>)
    case attach(
        any StreamListener, StreamName, keeping: Retention, Reply<StreamPage, BrokerError>)
    case detach(StreamName)
    /// Forgets what a read found to be past its age; nobody waits for it.
    case trim(StreamName, keeping: Retention)
    case commit([Change], Reply<Void, StoreError>)
    case advance(counter: String, by: Int64, Reply<Int64, StoreError>)
    /// Writes a byte of no meaning, to learn whether a commit works.
    case probe(Reply<Void, SQLiteRefusal>)

    /// Bytes of what is to be written.
    var heldBytes: Int {
        switch self {
        case .append(let draft, _, _, _): draft.body.count
        case .commit(let changes, _):
            changes.reduce(0) { bytes, change in
                if case .put(_, let value, _, _) = change { bytes + value.count } else { bytes }
            }
        case .attach, .detach, .trim, .advance, .probe: 0
        }
    }

    /// Answers that the work was not done.
    func refuse(_ refusal: SQLiteRefusal) {
        switch self {
        case .append(_, _, _, let reply): reply(.failure(BrokerError(refusal)))
        case .attach(_, _, _, let reply): reply(.failure(BrokerError(refusal)))
        case .commit(_, let reply): reply(.failure(StoreError(refusal)))
        case .advance(_, _, let reply): reply(.failure(StoreError(refusal)))
        case .probe(let reply): reply(.failure(refusal))
        case .detach, .trim: break
        }
    }
}

extension BrokerError {
    /// The same refusal in the broker's words.
    init(_ refusal: SQLiteRefusal) {
        self =
            switch refusal {
            case .overloaded: .overloaded
            case .unavailable(let reason): .unavailable(reason)
            }
    }
}

extension StoreError {
    /// The same refusal in the store's words.
    init(_ refusal: SQLiteRefusal) {
        self =
            switch refusal {
            case .overloaded: .unavailable("too much waits for the database")
            case .unavailable(let reason): .unavailable(reason)
            }
    }
}
