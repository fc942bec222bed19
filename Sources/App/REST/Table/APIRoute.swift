import Engine
import Transport

/// One REST endpoint: where it is, who may call it, what it takes and gives, and what it does. The
/// router, the validation of requests and the OpenAPI document are made of these.
package struct APIRoute: Sendable {
    package typealias Answer = @Sendable (APIRequest) async throws(APIError) -> HTTPAnswer

    /// Who may call an endpoint.
    enum Access: Sendable {
        /// Everyone; who it is doesn't matter.
        case anyone
        /// Everyone; whoever shows a token must show a good one.
        case anyoneByName
        case signedIn
        /// Whoever is signed in or has a one-use ticket, for clients that can show nothing but an
        /// address.
        case ticketHolder
        /// Other backends, by the operator's key.
        case backend
    }

    /// What an endpoint answers with when it did what it was asked.
    struct Success: Sendable {
        let statuses: [HTTPStatus]
        let content: Content

        enum Content: Sendable {
            case json(Schema)
            /// A body of one of these media types.
            case media([String])
        }

        /// The resource.
        static func ok(_ type: (some Shaped).Type) -> Success {
            Success(statuses: [.ok], content: .json(type.shape))
        }

        /// The resource that was made.
        static func created(_ type: (some Shaped).Type) -> Success {
            Success(statuses: [.created], content: .json(type.shape))
        }

        /// The resource that was made, or that had been there.
        static func createdOrFound(_ type: (some Shaped).Type) -> Success {
            Success(statuses: [.created, .ok], content: .json(type.shape))
        }

        /// A word that it is done.
        static let done = ok(Acknowledgement.self)

        static func media(_ types: String...) -> Success {
            Success(statuses: [.ok], content: .media(types))
        }
    }

    let method: HTTPMethod
    /// Literal segments and `{name}`s.
    let path: String
    /// One sentence.
    let summary: String
    let access: Access
    let query: [any AnyField]
    /// Nil: it takes no body.
    let body: [any AnyField]?
    /// Whether the body may be a `multipart/form-data` form with images, which come with the request
    /// as uploads (`APIRequest.images`). Only who is signed in may send one.
    let takesImages: Bool
    let success: Success
    /// What it refuses with beside what follows from the rest.
    let refusals: [HTTPStatus]
    let answer: Answer

    init(
        _ method: HTTPMethod, _ path: String, _ summary: String, for access: Access = .signedIn,
        query: [any AnyField] = [], takes body: [any AnyField]? = nil, takesImages: Bool = false,
        gives success: Success, refuses refusals: [HTTPStatus] = [],
        _ answer: @escaping @Sendable (APIRequest) async throws(APIError) -> HTTPResponse
    ) {
        self.init(
            method, path, summary, for: access, query: query, takes: body,
            takesImages: takesImages, gives: success, refuses: refusals
        ) { (request) throws(APIError) -> HTTPAnswer in .response(try await answer(request)) }
    }

    /// An endpoint whose answer need not be in memory.
    init(
        _ method: HTTPMethod, _ path: String, _ summary: String, for access: Access = .signedIn,
        query: [any AnyField] = [], takes body: [any AnyField]? = nil, takesImages: Bool = false,
        gives success: Success, refuses refusals: [HTTPStatus] = [],
        answering answer: @escaping Answer
    ) {
        precondition(!takesImages || access == .signedIn, "images have an owner")
        self.method = method
        self.path = path
        self.summary = summary
        self.access = access
        self.query = query
        self.body = body
        self.takesImages = takesImages
        self.success = success
        self.refusals = refusals
        self.answer = answer
    }

    /// The names in the path, in their order.
    var parameterNames: [Substring] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
    }

    /// Whether the endpoint changes something.
    var isWrite: Bool { method != .get }

    /// The statuses of refusals that it may answer with: what follows from how it is reached, and its
    /// own.
    var refusalStatuses: Set<HTTPStatus> {
        var statuses: Set<HTTPStatus> = [.badRequest, .serviceUnavailable]
        statuses.formUnion(refusals)
        if access != .anyone { statuses.insert(.unauthorized) }
        if !parameterNames.isEmpty { statuses.insert(.notFound) }
        if body != nil {
            statuses.formUnion([.contentTooLarge, .unsupportedMediaType, .unprocessableContent])
        }
        if isWrite { statuses.formUnion([.forbidden, .tooManyRequests, .unprocessableContent]) }
        return statuses
    }
}
