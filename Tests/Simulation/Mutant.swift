/// A bug that can be put into the world around the engine, to see whether the verdict finds it.
public enum Mutant: String, CaseIterable, Sendable {
    /// Members see a publication before it is durable.
    case announcesBeforeCommit = "announces-before-commit"
    /// Publishers get their receipt before the publication is durable.
    case answersBeforeCommit = "answers-before-commit"
    /// A snapshot is read first, and the position that it is true for afterwards.
    case readsPositionLate = "reads-position-late"
    /// A store that lost its data goes on in the same epoch.
    case keepsEpochOfLostData = "keeps-epoch-of-lost-data"
    /// Idempotency keys are kept in memory only.
    case forgetsKeysAtRestart = "forgets-keys-at-restart"
    /// A failover to a replica that lagged gives offsets a second time, in the same epoch.
    case reusesOffsetsAfterFailover = "reuses-offsets-after-failover"
    /// Fan-out is a job of its own for each member, which nothing keeps in order.
    case fansOutByMember = "fans-out-by-member"
    /// What waits for a slow reader has no bound.
    case hasNoOutboxBound = "has-no-outbox-bound"
    /// A node that lost the hub does not subscribe again when it is back.
    case staysDeafAfterReconnect = "stays-deaf-after-reconnect"
    /// A call without an answer is held for done.
    case takesSilenceForSuccess = "takes-silence-for-success"
    /// A member leaves for every node that lets go of it, though another still claims it.
    case leavesTwice = "leaves-twice"
    /// The members of a dead node stay.
    case keepsDeadMembers = "keeps-dead-members"
}
