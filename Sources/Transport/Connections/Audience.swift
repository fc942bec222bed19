import Engine

/// The members that one room has on one loop, grouped by what their messages look like on the wire.
///
/// Most clients choose the same subscription id, so a room usually has one group: a publication is
/// encoded once for all of it, and everything of one tick is one buffer that each member is sent.
final class Audience {
    /// What two subscriptions must share to be sent the same bytes.
    struct Form: Hashable {
        let framing: Framing
        let version: STOMPVersion
        let subscription: SubscriptionWire
    }

    struct Group {
        let form: Form
        let template: PublicationTemplate
        /// What this tick's publications have become, in order.
        var batch: [UInt8] = []
        /// Slots of the connections.
        var members: [UInt32]

        init(form: Form, members: [UInt32]) {
            self.form = form
            self.members = members
            template = PublicationTemplate(form)
        }
    }

    let room: RoomKey
    var groups: [Group] = []
    /// This tick's publications, where members that read slowly get them joined.
    var news: [Publication] = []
    /// Where in `groups` each form stands.
    private var places: [Form: Int] = [:]
    /// Whether a group has something to send this tick.
    var isDirty = false

    init(of room: RoomKey) {
        self.room = room
    }

    /// Adds a member. The group must have nothing to send, or the member would get what was
    /// published before it came. Returns the form that the group's members share.
    func add(_ slot: UInt32, form: Form) -> Form {
        guard let index = places[form] else {
            places[form] = groups.count
            groups.append(Group(form: form, members: [slot]))
            return form
        }
        precondition(groups[index].batch.isEmpty, "a group is flushed before it changes")
        groups[index].members.append(slot)
        return groups[index].form
    }

    /// Takes a member out, where it is one.
    func remove(_ slot: UInt32, form: Form) {
        guard let index = places[form],
            let place = groups[index].members.firstIndex(of: slot)
        else { return }
        groups[index].members.swapAt(place, groups[index].members.count - 1)
        groups[index].members.removeLast()
        if groups[index].members.isEmpty { removeGroup(at: index) }
    }

    private func removeGroup(at index: Int) {
        places[groups[index].form] = nil
        let last = groups.removeLast()
        guard index < groups.count else { return }
        groups[index] = last
        places[last.form] = index
    }
}
