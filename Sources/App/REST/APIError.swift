import Engine
import Transport

/// A refusal over REST: a status and a stable code (API.md, "REST").
package struct APIError: Error, Sendable {
    struct Field: Encodable, Sendable {
        let field: String
        let reason: String
    }

    let status: HTTPStatus
    let code: String
    let message: String
    var fields: [Field]?
    var retryAfterSeconds: Int?
    /// Names the methods that a path knows, for 405.
    var allow: String?
    /// How long the body is of which a range was asked for, for 416.
    var rangeOf: Int?
    /// What the operator's log says of it; clients never see it.
    var cause: String?

    init(_ status: HTTPStatus, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    static let malformed = APIError(.badRequest, "R001", "The request's body is not readable JSON.")
    static let notFound = APIError(.notFound, "R003", "There is nothing at this address.")
    static let unsupportedMediaType = APIError(
        .unsupportedMediaType, "R005", "The body must be application/json.")
    static let foreignOrigin = APIError(
        .forbidden, "R007", "A page of another origin can't do this with a cookie.")
    static let malformedQuery = APIError(.badRequest, "R008", "A query parameter is not readable.")
    static let emailTaken = APIError(.conflict, "U001", "The email address is taken.")
    static let wrongCredentials = APIError(
        .unauthorized, "U002", "The email address or the password is wrong.")
    static let disabled = APIError(.forbidden, "U003", "The account is disabled.")
    static let noSuchUser = APIError(.notFound, "U004", "There is no such user.")
    static let tokenMissing = APIError(.unauthorized, "TK001", "Sign in first.")
    static let tokenInvalid = APIError(.unauthorized, "TK002", "The token is not valid.")
    static let tokenExpired = APIError(.unauthorized, "TK003", "The token has expired.")
    static let tokenRevoked = APIError(.unauthorized, "TK004", "The token was revoked.")
    static let wrongAPIKey = APIError(
        .unauthorized, "TK005", "This needs the key that other backends are given.")
    static let noSuchRoom = APIError(.notFound, "C001", "There is no such room.")

    static let tooManyRooms = APIError(
        .conflict, "C004", "You are a member of as many rooms as one may be.")
    static let tooManyBans = APIError(
        .conflict, "C005", "As many people are kept out of this room as may be.")
    static let forbiddenInRoom = APIError(.forbidden, "C003", "You may not do this in this room.")

    static let noSuchDestination = APIError(
        .notFound, "C007", "There is no such destination.")
    static let ownTrade = APIError(.forbidden, "C006", "Nobody buys from themselves.")

    static func invalid(_ problems: [FieldProblem]) -> APIError {
        var error = APIError(
            .unprocessableContent, "R002", "Some fields can't be taken as they are.")
        error.fields = problems.map { Field(field: $0.field, reason: $0.reason) }
        return error
    }

    static func malformedQuery(_ problems: [FieldProblem]) -> APIError {
        var error = malformedQuery
        error.fields = problems.map { Field(field: $0.field, reason: $0.reason) }
        return error
    }

    static func methodNotAllowed(_ allowed: [HTTPMethod]) -> APIError {
        var error = APIError(.methodNotAllowed, "R004", "The address does not know this method.")
        error.allow = allowed.map(\.rawValue).joined(separator: ", ")
        return error
    }

    static func tooManyRequests(retryAfterSeconds: Int) -> APIError {
        var error = APIError(.tooManyRequests, "R006", "Too much at once; wait a little.")
        error.retryAfterSeconds = retryAfterSeconds
        return error
    }

    static func storeUnavailable(_ cause: some Any) -> APIError {
        var error = APIError(
            .serviceUnavailable, "S001", "The store is not available; try again soon.")
        error.retryAfterSeconds = 1
        error.cause = String(describing: cause)
        return error
    }

    /// What `/readyz` says while the node ends.
    static let goingAway: APIError = {
        var error = APIError(
            .serviceUnavailable, "S002", "The node is going away; ask another one.")
        error.retryAfterSeconds = 1
        return error
    }()

    /// What the connection itself found wrong with a request, before it could be routed.
    static func unreadable(_ status: HTTPStatus) -> APIError {
        var error = APIError(
            status, status == .contentTooLarge ? "R009" : "R010", "\(status.reason).")
        if status == .serviceUnavailable { error.retryAfterSeconds = 1 }
        return error
    }
}

extension APIError {
    init(_ error: AccountError) {
        self =
            switch error {
            case .invalid(let problems): .invalid(problems)
            case .nameTaken: .emailTaken
            case .wrongCredentials: .wrongCredentials
            case .disabled: .disabled
            case .noSuchAccount: .noSuchUser
            case .throttled(let seconds): .tooManyRequests(retryAfterSeconds: seconds)
            case .overloaded: .tooManyRequests(retryAfterSeconds: 1)
            case .store(let cause): APIError(MediaError.store(cause))
            }
    }

    init(_ error: TokenError) {
        self =
            switch error {
            case .rejected(.expired): .tokenExpired
            case .rejected, .unknownRefreshToken: .tokenInvalid
            case .revoked, .reusedRefreshToken: .tokenRevoked
            case .store(let cause): .storeUnavailable(cause)
            }
    }

    init(_ error: OpenChatError) {
        self =
            switch error {
            case .invalid(let problems): .invalid(problems)
            case .noSuchRoom: .noSuchRoom
            case .tooManyRooms: .tooManyRooms
            case .tooManyBans: .tooManyBans
            case .forbidden: .forbiddenInRoom
            case .store(let cause): APIError(MediaError.store(cause))
            }
    }

    init(_ error: PetError) {
        self =
            switch error {
            case .noSuchPet: APIError(.notFound, "U005", "You have no such pet.")
            case .tooManyPets: APIError(.conflict, "U006", "You have as many pets as one may.")
            case .store(let cause): .storeUnavailable(cause)
            }
    }

    init(_ error: TradeChatError) {
        self =
            switch error {
            case .noSuchRoom: .noSuchRoom
            case .noSuchTrade: APIError(.noSuchArticle, .trade)
            case .yourOwn: .ownTrade
            case .forbidden: .forbiddenInRoom
            case .store(let cause): .storeUnavailable(cause)
            }
    }

    init(_ error: ArticleError, _ kind: ArticleKind) {
        let letter =
            switch kind {
            case .post: "P"
            case .trade: "T"
            }
        self =
            switch error {
            case .noSuchArticle:
                APIError(.notFound, letter + "001", "There is no such \(kind.rawValue).")
            case .notYours:
                APIError(.forbidden, letter + "002", "Only who wrote this may change it.")
            case .yourOwn: APIError(.forbidden, letter + "003", "Nobody likes their own.")
            case .alreadyLiked: APIError(.conflict, letter + "004", "You like this already.")
            case .notLiked: APIError(.notFound, letter + "005", "You don't like this.")
            case .noSuchComment:
                APIError(.notFound, letter + "006", "There is no such comment.")
            case .store(let cause): APIError(MediaError.store(cause))
            }
    }

    init(_ error: NotificationError) {
        self =
            switch error {
            case .noSuchNotification:
                APIError(.notFound, "N001", "There is no such notification.")
            case .store(let cause): .storeUnavailable(cause)
            }
    }

    init(_ error: BrokerError) {
        switch error {
        case .unavailable(let cause): self = .storeUnavailable(cause)
        case .overloaded: self = .tooManyRequests(retryAfterSeconds: 1)
        }
    }

    /// What a message in a room is refused with.
    init(_ refusal: Refusal) {
        if refusal.code == .tooLarge {
            self = APIError(.contentTooLarge, "C002", "The message is too long.")
            return
        }
        if refusal.code == .tooFast {
            let seconds = Int(((refusal.retryAfterMs ?? 0) + 999) / 1_000)
            self = .tooManyRequests(retryAfterSeconds: max(1, seconds))
            return
        }
        self = .invalid([FieldProblem(field: "message", reason: refusal.detail)])
    }
}

extension HTTPResponse {
    /// The response that tells of a refusal.
    init(_ error: APIError) {
        struct Body: Encodable {
            let errorCode: String
            let errorMessage: String
            let fields: [APIError.Field]?
        }
        self.init(
            json: Body(
                errorCode: error.code, errorMessage: error.message, fields: error.fields),
            status: error.status)
        if let seconds = error.retryAfterSeconds { headers.set("retry-after", String(seconds)) }
        if let allow = error.allow { headers.set("allow", allow) }
        if let byteCount = error.rangeOf { headers.set("content-range", "bytes */\(byteCount)") }
        if error.status == .unauthorized { headers.set("www-authenticate", "Bearer") }
    }
}
