import Foundation
import Transport

/// PetNexus's REST, as far as the load tester needs it: accounts, tokens, open chat rooms.
struct PetNexus {
    private let client: RESTClient

    private static let password = "loadtest-password-1"

    private struct Account: Encodable {
        let email: String
        let password: String
        let username: String
    }

    private struct Login: Encodable {
        let email: String
        let password: String
    }

    private struct LoggedIn: Decodable {
        let accessToken: String
    }

    private struct NewRoom: Encodable {
        let title: String
        let content: String
    }

    private struct Room: Decodable {
        let id: Int64
    }

    init(target: Target) throws(ClientFailure) {
        client = try RESTClient(target: target)
    }

    /// Signs the load tester's accounts up, unless an earlier run did, and in. Returns a token each.
    func signIn(accountCount: Int) throws(ClientFailure) -> [String] {
        var tokens: [String] = []
        for number in 1...accountCount {
            let email = "loadtest-\(number)@example.org"
            _ = try post(
                "/api/user/signup",
                Account(email: email, password: Self.password, username: "loadtest-\(number)"),
                expecting: [.created, .conflict])
            let answer = try post(
                "/api/user/login", Login(email: email, password: Self.password), expecting: [.ok])
            tokens.append(try decode(LoggedIn.self, answer).accessToken)
        }
        return tokens
    }

    /// Makes open chat rooms and returns their ids.
    func makeRooms(count: Int, token: String) throws(ClientFailure) -> [String] {
        var ids: [String] = []
        for number in 1...count {
            let room = NewRoom(title: "Load test \(number)", content: "Made by loadtest.")
            let answer = try post("/api/openchat", room, token: token, expecting: [.created, .ok])
            ids.append(String(try decode(Room.self, answer).id))
        }
        return ids
    }

    private func post(
        _ path: String, _ content: some Encodable, token: String? = nil, expecting: [HTTPStatus]
    ) throws(ClientFailure) -> [UInt8] {
        let json: Data
        do {
            json = try JSONEncoder().encode(content)
        } catch {
            preconditionFailure("text can be encoded")
        }
        let answer = try client.post(path, json: Array(json), token: token)
        guard expecting.contains(answer.status) else {
            let words = String(decoding: answer.body.prefix(200), as: UTF8.self)
            throw .refused("POST \(path): \(answer.status) \(words)")
        }
        return answer.body
    }

    private func decode<T: Decodable>(
        _ type: T.Type, _ body: [UInt8]
    ) throws(ClientFailure) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .brokenProtocol("an answer of the REST API lacks what it promises")
        }
    }
}
