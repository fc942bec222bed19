import Engine
import Transport

/// Collects the images that nobody needs, again and again, on one of the nodes at a time.
package actor MediaSweep {
    /// Says that a node has swept lately.
    private static let lease = RecordKey("lease", "media-sweep")
    private static let intervalMsMax: Int64 = 60_000

    private let media: Media
    private let log: Log
    private let intervalMs: Int64
    private var sweeping: Task<Void, Never>?
    private var fails = false

    package init(_ media: Media, log: Log) {
        self.media = media
        self.log = log
        intervalMs = min(Self.intervalMsMax, max(1, media.settings.orphanAgeMs / 4))
    }

    /// Sweeps until `stop`.
    package func start() {
        guard sweeping == nil else { return }
        sweeping = Task {
            while !Task.isCancelled {
                await sweep()
                // Cancelled, it returns early.
                try? await Task.sleep(for: .milliseconds(intervalMs))
            }
        }
    }

    /// Stops, and returns when nothing is under way any more.
    package func stop() async {
        sweeping?.cancel()
        await sweeping?.value
    }

    /// Collects, unless another node did so just now. What can't be done now is the next time.
    func sweep() async {
        do {
            try await media.store.commit([
                .put(
                    Self.lease, value: [], expecting: .absent,
                    expiresAtMs: media.now() + intervalMs)
            ])
            try await media.collect()
            fails = false
        } catch StoreError.conflict(Self.lease) {
            // It did.
        } catch {
            if !fails { log.warning("media-sweep-fails", ["reason": "\(error)"]) }
            fails = true
        }
    }
}
