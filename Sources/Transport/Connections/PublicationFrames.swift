import Engine

extension STOMPValue {
    /// A position as headers carry it.
    init(_ position: Position) {
        self = .position(epoch: position.epoch.rawValue, offset: position.offset)
    }
}

extension Publication {
    /// Whether frames that carry the body may be sent as text: browsers hand text over as strings.
    var isText: Bool {
        let body = body
        do {
            _ = try UTF8Span(validating: body.span)
            return true
        } catch {
            return false
        }
    }
}

/// What publications become for members of one form.
enum PublicationTemplate: Sendable {
    case message(STOMPMessageTemplate)
    case event(EventTemplate)

    init(_ form: Audience.Form) {
        self =
            form.framing.carriesEvents
            ? .event(EventTemplate(form)) : .message(STOMPMessageTemplate(form))
    }

    /// Appends what a publication is to them.
    func write(_ publication: Publication, into out: inout [UInt8]) {
        switch self {
        case .message(let template):
            template.write(publication, into: &out)
        case .event(let template):
            template.write(
                offset: publication.offset, contentType: publication.contentType,
                body: publication.body, into: &out)
        }
    }
}

extension STOMPMessageTemplate {
    /// The MESSAGE frames of members of this form.
    init(_ form: Audience.Form) {
        let subscription = form.subscription
        self.init(
            subscription: subscription.id, destination: subscription.destination,
            epoch: subscription.epoch.rawValue, isAcknowledged: subscription.isAcknowledged,
            version: form.version)
    }

    /// Appends the MESSAGE that a publication is to them.
    func write(_ publication: Publication, into out: inout [UInt8]) {
        write(
            offset: publication.offset, timestampMs: publication.timestampMs,
            sender: publication.sender.rawValue, contentType: publication.contentType,
            body: publication.body, into: &out)
    }
}
