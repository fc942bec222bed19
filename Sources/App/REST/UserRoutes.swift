import Engine
import Transport

/// Signing up, in and out, and the profile.
package struct UserRoutes: Sendable {
    private let accounts: Accounts
    private let tokens: Tokens
    private let callers: Callers
    private let media: Media?
    private let addresses: MediaAddresses

    package init(
        accounts: Accounts, tokens: Tokens, callers: Callers, media: Media?,
        addresses: MediaAddresses
    ) {
        self.accounts = accounts
        self.tokens = tokens
        self.callers = callers
        self.media = media
        self.addresses = addresses
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/user/signup", "Makes an account.", for: .anyone,
                takes: [Self.email, Self.password, Self.username], gives: .created(Profile.self),
                refuses: [.conflict], signUp),
            APIRoute(
                .post, "/api/user/login", "Signs in; sets the tokens as cookies, too.",
                for: .anyone,
                takes: [Self.email, Self.password], gives: .ok(Granted.self),
                refuses: [.unauthorized], logIn),
            APIRoute(
                .post, "/api/user/token", "Exchanges the refresh token's cookie for new tokens.",
                for: .anyone, gives: .ok(Granted.self), refuses: [.unauthorized], rotate),
            APIRoute(
                .post, "/api/user/logout", "Ends the session, and its sockets and streams.",
                for: .anyone, gives: .done, refuses: [.unauthorized], logOut),
            APIRoute(
                .get, "/api/profile", "The caller's own profile.", gives: .ok(Profile.self),
                refuses: [.notFound], profile),
            APIRoute(
                .put, "/api/profile",
                "Changes the profile; what is left out stays. An image becomes the picture.",
                takes: [Self.nickname, Self.oldPassword, Self.newPassword, Self.images],
                takesImages: true,
                gives: .ok(Profile.self), refuses: [.notFound], updateProfile),
            APIRoute(
                .delete, "/api/profile", "Deletes the account and what it left.",
                takes: [Self.password], gives: .done, refuses: [.notFound], deleteProfile),
        ]
    }

    // MARK: Signing in

    private static let email = Field<String>.text("email")
    private static let password = Field<String>.text("password")
    private static let username = Field<String>.text("username").optional

    @Sendable private func signUp(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        do {
            let account = try await accounts.signUp(
                email: request[Self.email], password: request[Self.password],
                username: request[Self.username], from: request.clientAddress)
            return HTTPResponse(json: Profile(account, addresses), status: .created)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func logIn(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let account: Account
        do {
            account = try await accounts.signIn(
                login: request[Self.email], password: request[Self.password],
                from: request.clientAddress)
        } catch {
            throw APIError(error)
        }
        do {
            return granted(try await tokens.open(for: account), "Signed in.", request)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func rotate(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        guard let refreshToken = request.cookie(Callers.refreshCookie) else {
            throw .tokenMissing
        }
        try callers.checkOrigin(request.head)
        do {
            return granted(try await tokens.rotate(refreshToken), "Tokens renewed.", request)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func logOut(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let refreshToken = request.cookie(Callers.refreshCookie)
        if refreshToken != nil { try callers.checkOrigin(request.head) }
        var caller: Identity?
        do throws(APIError) {
            caller = try await callers.identify(request.head)
        } catch {
            // Whose token ran out may still end the session by its refresh token.
            guard refreshToken != nil else { throw error }
        }
        do {
            try await tokens.logOut(caller, refreshToken: refreshToken)
        } catch {
            throw APIError(error)
        }
        return clearingCookies(HTTPResponse(acknowledging: "Signed out."), request)
    }

    private func clearingCookies(_ response: HTTPResponse, _ request: APIRequest) -> HTTPResponse {
        var response = response
        response.headers.append("set-cookie", cookie(.access, "", seconds: 0, request))
        response.headers.append("set-cookie", cookie(.refresh, "", seconds: 0, request))
        return response
    }

    private struct Granted: Shaped {
        let message: String
        let statusCode: Int
        let accessToken: String
        /// In seconds.
        let expiresIn: Int64

        static let shape = Schema.named(
            "TokenGrant",
            .object([
                .text("message"), .count("statusCode"), .text("accessToken"), .count("expiresIn"),
            ]))
    }

    private func granted(
        _ pair: TokenPair, _ message: String, _ request: APIRequest
    ) -> HTTPResponse {
        let accessSeconds = pair.accessLifetime.components.seconds
        var response = HTTPResponse(
            json: Granted(
                message: message, statusCode: 200, accessToken: pair.accessToken,
                expiresIn: accessSeconds))
        response.headers.append(
            "set-cookie", cookie(.access, pair.accessToken, seconds: accessSeconds, request))
        response.headers.append(
            "set-cookie",
            cookie(
                .refresh, pair.refreshToken, seconds: pair.refreshLifetime.components.seconds,
                request))
        return response
    }

    private enum Cookie {
        case access
        case refresh
    }

    private func cookie(
        _ cookie: Cookie, _ value: String, seconds: Int64, _ request: APIRequest
    ) -> String {
        let start =
            switch cookie {
            case .access: "\(Callers.accessCookie)=\(value); Path=/"
            // Only the paths that rotate and end sessions see it.
            case .refresh: "\(Callers.refreshCookie)=\(value); Path=/api/user"
            }
        let secure = request.isSecure ? "; Secure" : ""
        return "\(start); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
    }

    // MARK: Profile

    private struct Profile: Shaped {
        let id: Int64
        let email: String?
        let nickname: String
        let role: String
        let image: String?
        let createdAt: String

        init(_ account: Account, _ addresses: MediaAddresses) {
            id = account.id.rawValue
            email = account.email
            nickname = account.nickname
            role = account.role.rawValue
            image = account.image.map(addresses.address)
            createdAt = Timestamp.text(account.createdAtMs)
        }

        static let shape = Schema.named(
            "Profile",
            .object([
                .id(), .init("email", .text(), isRequired: false), .text("nickname"),
                .init("role", .choice(["USER", "ADMIN"])),
                .init("image", .text(), isRequired: false), .time("createdAt"),
            ]))
    }

    @Sendable private func profile(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let account: Account?
        do {
            account = try await accounts.account(request.user.user)
        } catch {
            throw APIError(error)
        }
        guard let account else { throw .noSuchUser }
        return HTTPResponse(json: Profile(account, addresses))
    }

    private static let images = Media.keys(countMax: 1)
    private static let nickname = Field<String>.text("nickname").optional
    private static let oldPassword = password.optional
    private static let newPassword = Field<String>.text("newPassword").optional

    @Sendable private func updateProfile(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        var change = ProfileChange()
        change.nickname = request[Self.nickname]
        switch (request[Self.oldPassword], request[Self.newPassword]) {
        case (nil, nil):
            break
        case (let old?, let new?):
            change.password = ProfileChange.PasswordChange(old: old, new: new)
        case (nil, _?):
            throw .invalid([FieldProblem(field: "password", reason: "This is missing.")])
        case (_?, nil):
            throw .invalid([FieldProblem(field: "newPassword", reason: "This is missing.")])
        }
        let keys = request[Self.images]
        let images = try await media?.images(of: request, named: keys) ?? []
        guard media != nil || keys.isEmpty else { throw .noImages }
        guard images.count <= 1 else { throw .tooManyImages }
        if let media, let image = images.first {
            let owner = Account.key(request.user.user)
            change.picture = ProfileChange.PictureChange(key: image.key.text) { before in
                media.attach([image], to: owner) + media.detach(before.map { [$0] } ?? [])
            }
        }
        let account: Account
        do {
            account = try await accounts.updateProfile(
                request.user.user, change, from: request.clientAddress)
        } catch {
            throw APIError(error)
        }
        if change.password != nil { try await endSessions(of: account, keeping: request.user) }
        if change.picture != nil { await media?.collectSoon() }
        return HTTPResponse(json: Profile(account, addresses))
    }

    /// Deletes the account, which needs the password; the rest of what the user left is removed soon
    /// after.
    @Sendable private func deleteProfile(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let account: Account
        do {
            account = try await accounts.delete(
                request.user.user, password: request[Self.password], from: request.clientAddress)
        } catch {
            throw APIError(error)
        }
        try await endSessions(of: account, keeping: nil)
        return clearingCookies(HTTPResponse(acknowledging: "Deleted."), request)
    }

    private func endSessions(
        of account: Account, keeping identity: Identity?
    ) async throws(APIError) {
        do {
            try await tokens.endSessions(of: account, keeping: identity?.tokenID)
        } catch {
            throw APIError(error)
        }
    }
}
