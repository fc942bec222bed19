import Engine
import Transport

/// The caller's pets.
package struct PetRoutes: Sendable {
    private let pets: Pets

    package init(pets: Pets) {
        self.pets = pets
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/profile/pet", "The caller's pets.", query: PageQuery.unsorted,
                gives: .ok(PageAnswer<Answer>.self), list),
            APIRoute(
                .post, "/api/profile/pet", "Adds a pet.",
                takes: [Self.name, Self.type, Self.kind, Self.gender],
                gives: .created(Answer.self), refuses: [.conflict], add),
            APIRoute(
                .put, "/api/profile/pet/{petId}", "Changes a pet; what is left out stays.",
                takes: [
                    Self.name.optional, Self.type.optional, Self.newKind, Self.gender.optional,
                ], gives: .ok(Answer.self), update),
            APIRoute(
                .delete, "/api/profile/pet/{petId}", "Takes a pet away.", gives: .done, remove),
        ]
    }

    private static let name = Field<String>.line("petName", 1...Pet.nameCharactersMax)
    private static let type = Field<PetType>.choice("petType")
    private static let kind = Field<String>.line("petKind", 0...Pet.kindCharactersMax).or("")
    private static let newKind = kind.optional
    private static let gender = Field<PetGender>.choice("petGender")

    private struct Answer: Shaped {
        let id: Int64
        let petName: String
        let petType: String
        let petKind: String
        let petGender: String

        init(_ pet: Pet) {
            id = pet.id
            petName = pet.petName
            petType = pet.petType.rawValue
            petKind = pet.petKind
            petGender = pet.petGender.rawValue
        }

        static let shape = Schema.named(
            "Pet",
            .object([
                .id(), .text("petName"),
                .init("petType", .choice(PetType.allCases.map(\.rawValue))),
                .text("petKind"),
                .init("petGender", .choice(PetGender.allCases.map(\.rawValue))),
            ]))
    }

    @Sendable private func list(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.readUnsorted(request)
        do {
            let (pets, total) = try await pets.list(
                of: request.user.user, skip: page.skip, limit: page.size)
            return HTTPResponse(json: PageAnswer(pets.map(Answer.init), of: page, total: total))
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func add(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let key = try request.idempotencyKey()
        let text = PetText(
            name: request[Self.name], type: request[Self.type], kind: request[Self.kind],
            gender: request[Self.gender])
        do {
            let pet = try await pets.add(text, of: request.user.user, key: key)
            return HTTPResponse(json: Answer(pet), status: .created)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func update(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let id = try request.id("petId")
        let text = PetText(
            name: request[Self.name.optional], type: request[Self.type.optional],
            kind: request[Self.newKind], gender: request[Self.gender.optional])
        do {
            return HTTPResponse(
                json: Answer(try await pets.update(id, text, of: request.user.user)))
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func remove(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id("petId"), try request.idempotencyKey())
        do {
            try await pets.remove(id, of: request.user.user, key: key)
            return HTTPResponse(acknowledging: "Taken away.")
        } catch {
            throw APIError(error)
        }
    }
}
