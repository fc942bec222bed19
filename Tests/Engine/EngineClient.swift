import Engine
import Synchronization
import TestSupport

/// A client without a wire: its requests go to a session as a connection hands them over, one after
/// the other and only while the session is ready; what comes back is written down.
final class EngineClient: Sendable {
    typealias Request = @Sendable (isolated Session) -> Void

    let outlet: RecordingOutlet
    let endpoint: Endpoint
    let session: Session
    private let waiting = Mutex<[Request]>([])

    init(_ user: Int64, outlet: RecordingOutlet, community: Community) {
        self.outlet = outlet
        endpoint = outlet.open()
        session = Session(
            identity: Identity(user: UserID(user), name: "user \(user)", role: .user),
            endpoint: endpoint, outlet: outlet, community: community)
        outlet.listen(at: endpoint) { [weak self] delivery in
            switch delivery {
            case .event(.readable): self?.goOn()
            case .interrupted: self?.session.assumeIsolated { $0.end() }
            case .event, .message: break
            }
        }
    }

    // MARK: Asking

    /// Hands a request over once the session has taken those before it.
    func ask(_ request: @escaping Request) {
        outlet.loop.post {
            self.waiting.withLock { $0.append(request) }
            self.goOn()
        }
    }

    /// Publishes a text to a destination.
    func publish(
        _ text: String, to destination: String, key: String? = nil, receipt: String? = nil,
        in transaction: String? = nil
    ) {
        let request = PublishRequest(
            destination: destination, contentType: "text/plain", body: Array(text.utf8),
            idempotencyKey: key.flatMap { IdempotencyKey($0) }, receipt: receipt,
            transaction: transaction)
        ask { $0.publish(request) }
    }

    /// Subscribes under an id.
    func subscribe(
        _ id: String, to destination: String, from start: JoinStart = .live,
        acknowledging mode: AcknowledgementMode = .automatic, durable isDurable: Bool = false,
        receipt: String? = nil
    ) {
        let request = SubscribeRequest(
            id: id, destination: destination, start: start, acknowledgement: mode,
            isDurable: isDurable, receipt: receipt)
        ask { $0.subscribe(request) }
    }

    /// Says of a message that it was dealt with, or that it was not. Positions are of the first epoch.
    func acknowledge(
        _ offset: UInt64, of subscription: String? = "s", not isNegative: Bool = false,
        epoch: UInt64 = 7, receipt: String? = nil, in transaction: String? = nil
    ) {
        let request = AcknowledgeRequest(
            subscription: subscription,
            position: Position(epoch: Epoch(rawValue: epoch), offset: offset),
            isNegative: isNegative, receipt: receipt, transaction: transaction)
        ask { $0.acknowledge(request) }
    }

    /// Says that what was on its way has been taken.
    func drain() {
        outlet.setCongested(false, endpoint)
        outlet.loop.post { self.session.assumeIsolated { $0.drained() } }
    }

    private func goOn() {
        while session.assumeIsolated({ $0.isReady }), let request = takeFirst() {
            session.assumeIsolated(request)
        }
    }

    private func takeFirst() -> Request? {
        waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Requests that the session was not ready for yet.
    var waitingCount: Int { waiting.withLock { $0.count } }

    // MARK: Hearing

    /// What came, in order.
    var deliveries: [Delivery] { outlet.deliveries(to: endpoint) }

    /// What came, in order, one line each; without the notices that the session can take more.
    var transcript: [String] {
        deliveries.compactMap { delivery in
            if case .event(.readable) = delivery { nil } else { delivery.line }
        }
    }

    /// The offsets of what a subscription was given, replayed or live.
    func offsets(of subscription: String) -> [UInt64] {
        publications(of: subscription).map(\.offset)
    }

    /// What a subscription was given, replayed or live.
    func publications(of subscription: String) -> [Publication] {
        deliveries.flatMap { delivery -> [Publication] in
            switch delivery {
            case .message(let publication, subscription): [publication]
            case .event(.replay(let publications, let wire)) where wire.id == subscription:
                publications
            case .event, .message, .interrupted: []
            }
        }
    }

    /// What a subscription was told of the members of a room: `7 presence/joined`.
    func events(of subscription: String) -> [String] {
        publications(of: subscription).map { "\($0.sender) \($0.contentType)" }
    }

    /// Where each publication with a receipt was stored.
    var published: [String: Appended] {
        deliveries.reduce(into: [:]) { published, delivery in
            guard case .event(.published(let receipt, let appended)) = delivery else { return }
            published[receipt] = appended
        }
    }
}

extension Delivery {
    /// The delivery in a line: `subscribed r at 7:3, complete`.
    var line: String {
        switch self {
        case .message(let publication, let subscription):
            "\(subscription) \(publication.offset)"
        case .interrupted:
            "interrupted"
        case .event(.receipt(let id)):
            "receipt \(id)"
        case .event(.published(let receipt, let appended)):
            "published \(receipt) at \(appended.position)"
                + (appended.isDuplicate ? ", duplicate" : "")
        case .event(.subscribed(let receipt, let position, let resume)):
            "subscribed \(receipt) at \(position), \(resume.rawValue)"
        case .event(.replay(let publications, let wire)):
            "replay \(wire.id)" + publications.map { " \($0.offset)" }.joined()
        case .event(.refused(let refusal, let receipt, let queue)):
            "refused \(receipt ?? "-"): \(refusal.code.rawValue)"
                + (refusal.retryAfterMs.map { ", again in \($0) ms" } ?? "")
                + (queue.map { ", told \($0.id)" } ?? ", ended")
        case .event(.withdrawn(let id, let destination, let refusal, let queue)):
            "withdrew \(id) from \(destination): \(refusal.code.rawValue)"
                + (queue.map { ", told \($0.id)" } ?? ", ended")
        case .event(.disconnected(let receipt)):
            "disconnected \(receipt ?? "-")"
        case .event(.readable):
            "readable"
        }
    }
}
