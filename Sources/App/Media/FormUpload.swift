import Engine
import Synchronization
import Transport

/// A form with images, as the route it is for gets it.
struct ReceivedForm: Sendable {
    let fields: [String: String]
    let images: [UploadedImage]
}

/// Receives the form of one request: writes its images to disk, and has the request answered once all
/// of it is here.
final class FormUpload: HTTPBodyReceiver {
    private let media: Media
    private let owner: UserID
    private let slots: UploadSlots
    private let respond: @Sendable (Result<ReceivedForm, APIError>) async -> HTTPAnswer
    /// Held by whoever is at it, one after the other.
    private let reading: Mutex<FormReading>

    /// `respond` answers the request, or says why it is refused. The slot that was taken is given back
    /// when the upload ends.
    init(
        _ reading: FormReading, _ media: Media, of owner: UserID, slots: UploadSlots,
        respond: @escaping @Sendable (Result<ReceivedForm, APIError>) async -> HTTPAnswer
    ) {
        self.reading = Mutex(reading)
        self.media = media
        self.owner = owner
        self.slots = slots
        self.respond = respond
    }

    deinit {
        slots.release(owner)
    }

    @concurrent func receive(_ bytes: [UInt8]) async -> HTTPAnswer? {
        let refusal = await read { (reading) throws(FormError) in try reading.take(bytes) }
        guard let refusal else { return nil }
        discard()
        return await respond(.failure(refusal))
    }

    @concurrent func finish() async -> HTTPAnswer {
        let refusal = await read { (reading) throws(FormError) in try reading.finish() }
        if let refusal {
            discard()
            return await respond(.failure(refusal))
        }
        let (fields, drafts, directory) = reading.withLock {
            ($0.fields, $0.images, $0.directory)
        }
        let images: [UploadedImage]
        do {
            images = try await media.keep(drafts, of: owner, in: directory)
        } catch {
            discard()
            return await respond(.failure(APIError(error)))
        }
        let answer = await respond(.success(ReceivedForm(fields: fields, images: images)))
        // What the request made nothing of. Where that can't be removed now, it is by a sweep.
        try? await media.discard(images)
        return answer
    }

    func abandon() {
        discard()
    }

    /// Removes what was written, beside everything else. What can't be removed now goes with a sweep.
    private func discard() {
        Task { [self] in
            _ = await read { (reading) throws(FormError) in try reading.discard() }
        }
    }

    /// Goes on with the form on a thread that may wait for the disk; answers with what is wrong.
    private func read(
        _ step: @escaping @Sendable (inout FormReading) throws(FormError) -> Void
    ) async -> APIError? {
        do {
            return try await media.pool.run { [self] in
                reading.withLock { reading in
                    do throws(FormError) {
                        try step(&reading)
                        return nil
                    } catch {
                        return APIError(error)
                    }
                }
            }
        } catch {
            return APIError(MediaError.overloaded)
        }
    }
}
