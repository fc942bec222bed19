import Engine

/// A pet that a user shows.
struct Pet: Codable, Sendable, Hashable {
    static let nameCharactersMax = 30
    static let kindCharactersMax = 50
    /// Pets of one user.
    static let perUserMax = 50

    let id: Int64
    let ownerId: Int64
    var petName: String
    var petType: PetType
    /// The breed, in the owner's words.
    var petKind: String
    var petGender: PetGender
}

enum PetType: String, Codable, Sendable, CaseIterable {
    case dog = "DOG"
    case cat = "CAT"
    case bird = "BIRD"
    case fish = "FISH"
    case hamster = "HAMSTER"
    case rabbit = "RABBIT"
    case reptile = "REPTILE"
    case other = "OTHER"
}

enum PetGender: String, Codable, Sendable, CaseIterable {
    case male = "MALE"
    case female = "FEMALE"
}

/// What an owner says of a pet; of a change, nil stays as it is.
struct PetText: Sendable {
    var name: String?
    var type: PetType?
    var kind: String?
    var gender: PetGender?
}

/// Why an operation on pets was not carried out.
enum PetError: DomainError, Hashable {
    /// The user has none with this number.
    case noSuchPet
    case tooManyPets
    case store(StoreError)
}
