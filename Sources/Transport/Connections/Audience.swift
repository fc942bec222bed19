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
        /// What this tick's publications have become, in order.
        var batch: [UInt8] = []
        /// Slots of the connections.
        var members: [UInt32] = []
    }

    var groups: [Group] = []
    /// Whether a group has something to send this tick.
    var isDirty = false

    /// Adds a member. The group must have nothing to send, or the member would get what was
    /// published before it came.
    func add(_ slot: UInt32, form: Form) {
        guard let index = groups.firstIndex(where: { $0.form == form }) else {
            return groups.append(Group(form: form, members: [slot]))
        }
        precondition(groups[index].batch.isEmpty, "a group is flushed before it changes")
        groups[index].members.append(slot)
    }

    /// Takes a member out; false where it isn't one.
    func remove(_ slot: UInt32, form: Form) -> Bool {
        guard let index = groups.firstIndex(where: { $0.form == form }),
            let place = groups[index].members.firstIndex(of: slot)
        else { return false }
        groups[index].members.swapAt(place, groups[index].members.count - 1)
        groups[index].members.removeLast()
        if groups[index].members.isEmpty { groups.remove(at: index) }
        return true
    }
}
