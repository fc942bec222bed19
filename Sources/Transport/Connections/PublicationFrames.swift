import Engine

extension STOMPValue {
    /// A position as headers carry it.
    init(_ position: Position) {
        self = .position(epoch: position.epoch.rawValue, offset: position.offset)
    }
}

extension STOMPEncoder {
    /// Writes the MESSAGE that a publication is to members of this form.
    static func message(
        _ publication: Publication, _ form: Audience.Form, into out: inout [UInt8]
    ) {
        let subscription = form.subscription
        let position = STOMPValue.position(
            epoch: subscription.epoch.rawValue, offset: publication.offset)
        message(
            subscription: .text(subscription.id), messageID: position,
            destination: .text(subscription.destination),
            contentType: publication.contentType.isEmpty ? nil : .text(publication.contentType),
            ack: subscription.isAcknowledged ? position : nil, body: publication.body,
            version: form.version, into: &out
        ) { writer in
            writer.add("position", position)
            writer.add("timestamp", .number(publication.timestampMs))
            writer.add("sender", .number(publication.sender.rawValue))
        }
    }
}
