/// What clients ask for by a SEND that is no publication.
extension Session {
    /// Does it beside other requests, within the window of unfinished publishes. The receipt follows
    /// when it is done; a session that ended meanwhile tells nobody.
    func run(_ command: @escaping Command, for request: PublishRequest) {
        unacknowledged += 1
        let identity = identity
        Task {
            var refusal: Refusal?
            do throws(Refusal) {
                try await command(request, identity)
            } catch {
                refusal = error
            }
            finish(refusal, receipt: request.receipt)
        }
    }

    private func finish(_ refusal: Refusal?, receipt: String?) {
        let wasReady = isReady
        unacknowledged -= 1
        if let refusal {
            refuse(refusal, receipt: receipt)
        } else {
            emit(receipt)
        }
        goOn(wasReady: wasReady)
    }
}
