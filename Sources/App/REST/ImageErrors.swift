import Engine
import Transport

extension APIError {
    static let malformedForm = APIError(.badRequest, "R011", "The form is not readable.")
    static let formTooLarge = APIError(.contentTooLarge, "R009", "The form is too large.")
    static let noImages = APIError(
        .unsupportedMediaType, "S003", "This site has no place for images.")
    static let imagesGoToBucket = APIError(
        .unsupportedMediaType, "S011",
        "Put images where /api/images/presign says, and name their keys.")
    static let noBucket = APIError(
        .notFound, "S012", "Send images with a form: this site has no bucket for them.")
    static let notAnImage = APIError(
        .unsupportedMediaType, "S004", "An image must be a JPEG, PNG, WebP or GIF.")
    static let damagedImage = APIError(
        .unprocessableContent, "S005", "The image is damaged, or not whole.")
    static let tooManyPixels = APIError(
        .contentTooLarge, "S006", "The image has too many pixels: 40 million is the most.")
    static let imageTooLarge = APIError(.contentTooLarge, "S007", "The image is too large.")
    static let tooManyImages = APIError(.contentTooLarge, "S008", "These are too many images.")
    static let imageGone = APIError(
        .conflict, "S009", "The image is gone, or belongs to something already.")

    /// More uploads are under way than may be, or the disk is behind.
    static let tooManyUploads: APIError = {
        var error = APIError(
            .serviceUnavailable, "S010", "Too many uploads are under way; try again soon.")
        error.retryAfterSeconds = 1
        return error
    }()

    /// Nothing of a body of `byteCount` bytes is in the range.
    static func rangeNotSatisfiable(of byteCount: Int) -> APIError {
        var error = APIError(
            .rangeNotSatisfiable, "R012", "The range begins behind the end.")
        error.rangeOf = byteCount
        return error
    }

    init(_ error: FormError) {
        self =
            switch error {
            case .malformed: .malformedForm
            case .tooLarge: .formTooLarge
            case .imageTooLarge: .imageTooLarge
            case .tooManyImages: .tooManyImages
            case .unknownFile(let name):
                .invalid([FieldProblem(field: name, reason: "This is no place for a file.")])
            case .image(.unknownFormat): .notAnImage
            case .image(.damaged): .damagedImage
            case .image(.tooManyPixels): .tooManyPixels
            case .disk(let cause): .storeUnavailable(cause)
            }
    }

    init(_ error: MediaError) {
        self =
            switch error {
            case .store(.conflict(let key)) where key.collection == StoredImage.collection:
                .imageGone
            case .store(let cause): .storeUnavailable(cause)
            case .disk(let cause): .storeUnavailable(cause)
            case .bucket(let cause): .storeUnavailable(cause)
            case .noUpload(let key):
                .invalid([
                    FieldProblem(field: "images", reason: "\(key) is no upload of yours.")
                ])
            case .overloaded: .tooManyUploads
            }
    }
}
