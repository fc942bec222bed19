import Engine
import Transport

/// A form that is being received: its fields in memory, its images in files. Its calls block.
struct FormReading: Sendable {
    private enum Part {
        case field(String, [UInt8])
        /// A file of which nothing has come: an input that was left empty sends one.
        case emptyFile
        case image(MediaDraft, ImageFilter)
    }

    /// The names of parts that are images.
    static let imageParts: Set<String> = ["imageFile", "imageFiles"]

    let directory: MediaDirectory
    private let settings: Media.Settings
    private let draftName: @Sendable () -> String
    private var parser: MultipartParser
    private var part: Part?
    private(set) var fields: [String: String] = [:]
    private(set) var images: [FinishedDraft] = []

    private var fieldBytesLeft = Self.fieldsBytesMax

    private static let fieldBytesMax = 65_536
    private static let fieldsMax = 64
    /// All fields together, and what stands around the parts.
    private static let fieldsBytesMax = 262_144

    /// Nil where the content type is no form's.
    init?(contentType: String, _ media: Media, in directory: MediaDirectory) {
        guard
            let parser = MultipartParser(
                contentType: contentType, limits: Self.limits(media.settings))
        else { return nil }
        self.parser = parser
        self.directory = directory
        settings = media.settings
        draftName = { media.draftName() }
    }

    /// What a whole form may come to.
    static func bytesMax(_ settings: Media.Settings) -> Int {
        settings.imagesMax * settings.imageBytesMax + fieldsBytesMax
    }

    private static func limits(_ settings: Media.Settings) -> MultipartLimits {
        // One image more than may be, so that too many are told from anything else.
        MultipartLimits(
            partCountMax: settings.imagesMax + 1 + fieldsMax, fieldBytesMax: fieldBytesMax,
            fileBytesMax: settings.imageBytesMax, bytesMax: bytesMax(settings))
    }

    /// Takes the next bytes of the body.
    mutating func take(_ bytes: [UInt8]) throws(FormError) {
        parser.append(bytes.span)
        while let event = try nextEvent() {
            switch event {
            case .part(let part): try begin(part)
            case .data(let bytes): try add(bytes)
            case .end: try endPart()
            }
        }
    }

    /// The body is over.
    mutating func finish() throws(FormError) {
        do {
            try parser.finish()
        } catch {
            throw FormError(error)
        }
    }

    /// Removes whatever was written.
    mutating func discard() throws(FormError) {
        var drafts = images.map(\.file)
        if case .image(let draft, _) = part { drafts.append(draft) }
        images = []
        part = nil
        for draft in drafts { try onDisk { () throws(SystemError) in try draft.discard() } }
    }

    private mutating func nextEvent() throws(FormError) -> MultipartEvent? {
        do {
            return try parser.next()
        } catch {
            throw FormError(error)
        }
    }

    private mutating func begin(_ part: MultipartPart) throws(FormError) {
        guard part.fileName != nil else {
            self.part = .field(part.name, [])
            return
        }
        guard Self.imageParts.contains(part.name) else { throw .unknownFile(part.name) }
        self.part = .emptyFile
    }

    private mutating func add(_ bytes: [UInt8]) throws(FormError) {
        switch part {
        case .field(let name, var value):
            part = nil  // leaves `value` the only owner of its bytes
            fieldBytesLeft -= bytes.count
            guard fieldBytesLeft >= 0 else { throw .tooLarge }
            value += bytes
            part = .field(name, value)
        case .emptyFile:
            guard images.count < settings.imagesMax else { throw .tooManyImages }
            let name = draftName()
            let draft = try onDisk { [directory] () throws(SystemError) in
                try directory.draft(named: name)
            }
            part = .image(draft, ImageFilter())
            try add(bytes)
        case .image(var draft, var filter):
            part = .emptyFile  // leaves `filter` the only owner of its bytes
            defer { part = .image(draft, filter) }
            let kept: [UInt8]
            do {
                kept = try filter.filter(bytes)
            } catch {
                throw .image(error)
            }
            try onDisk { () throws(SystemError) in try draft.append(kept) }
        case nil:
            preconditionFailure("data comes within a part")
        }
    }

    private mutating func endPart() throws(FormError) {
        switch part {
        case .field(let name, let value):
            guard let text = String(validating: value, as: UTF8.self) else {
                throw .malformed
            }
            // As with a form's, the first of a name counts.
            if fields[name] == nil { fields[name] = text }
        case .image(let draft, let filter):
            let image: FilteredImage
            do {
                image = try filter.finish()
            } catch {
                throw .image(error)
            }
            try onDisk { () throws(SystemError) in try draft.complete(image.amendment) }
            images.append(FinishedDraft(file: draft, image: image))
        case .emptyFile, nil:
            break
        }
        part = nil
    }

    private func onDisk<Result>(
        _ work: () throws(SystemError) -> Result
    ) throws(FormError) -> Result {
        do {
            return try work()
        } catch {
            throw .disk(error)
        }
    }
}

/// Why a form is not taken.
enum FormError: Error, Hashable, Sendable {
    case malformed
    case tooLarge
    case imageTooLarge
    case tooManyImages
    /// A file in the place of something else.
    case unknownFile(String)
    case image(ImageError)
    case disk(SystemError)

    init(_ error: MultipartError) {
        self =
            switch error {
            case .truncated, .invalidDelimiter, .invalidHeaders, .invalidPart: .malformed
            case .fileTooLarge: .imageTooLarge
            case .tooManyParts, .fieldTooLarge, .bodyTooLarge: .tooLarge
            }
    }
}
