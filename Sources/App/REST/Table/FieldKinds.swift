import Engine

extension Field where Value == String {
    /// Any text; whoever uses it holds it to the rules of what it is.
    static func text(_ name: String) -> Field {
        Field(name, .text(), reason: "This must be a text.", read: \.text)
    }

    /// One line that others read: trimmed, of so many characters.
    static func line(_ name: String, _ characters: ClosedRange<Int>) -> Field {
        let reason =
            "This must be one line of \(characters.lowerBound) to \(characters.upperBound) characters."
        return Field(name, .text(characters: characters), reason: reason) {
            $0.text.flatMap { PlainText($0, characters: characters)?.text }
        }
    }

    /// A text of several lines that others read: trimmed, of so many characters.
    static func lines(_ name: String, _ characters: ClosedRange<Int>) -> Field {
        let reason =
            "This must be a text of \(characters.lowerBound) to \(characters.upperBound) characters."
        return Field(name, .text(characters: characters), reason: reason) {
            $0.text.flatMap { PlainText($0, characters: characters, allowsLines: true)?.text }
        }
    }

    /// One of the names, as they are.
    static func name(_ name: String, of names: [String]) -> Field {
        Field(
            name, .choice(names), reason: "This must be one of \(names.joined(separator: ", "))."
        ) { input in input.text.flatMap { names.contains($0) ? $0 : nil } }
    }
}

extension Field where Value == Int64 {
    static func integer(_ name: String, _ range: ClosedRange<Int64>) -> Field {
        let reason =
            "This must be a whole number from \(range.lowerBound) to \(range.upperBound)."
        return Field(name, .integer(range), reason: reason) { input in
            input.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// The number of something.
    static func id(_ name: String) -> Field {
        Field(name, .id, reason: "This is no number of anything.") { input in
            input.integer.flatMap { $0 > 0 ? $0 : nil }
        }
    }
}

extension Field where Value == Int {
    static func count(_ name: String, _ range: ClosedRange<Int>) -> Field {
        let wide = Int64(range.lowerBound)...Int64(range.upperBound)
        let field = Field<Int64>.integer(name, wide)
        return Field(name, field.schema, reason: field.reason) { field.read($0).map(Int.init) }
    }
}

extension Field where Value == Double {
    static func number(_ name: String, _ range: ClosedRange<Double>) -> Field {
        let reason = "This must be a number from \(range.lowerBound) to \(range.upperBound)."
        return Field(name, .number(range), reason: reason) { input in
            input.number.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Field where Value == Bool {
    static func flag(_ name: String) -> Field {
        Field(name, .flag, reason: "This must be true or false.", read: \.flag)
    }
}

extension Field where Value: RawRepresentable<String> & CaseIterable {
    /// One of the cases, by its raw value.
    static func choice(_ name: String) -> Field {
        let names = Value.allCases.map(\.rawValue)
        return Field(
            name, .choice(names), reason: "This must be one of \(names.joined(separator: ", "))."
        ) { input in input.text.flatMap(Value.init(rawValue:)) }
    }
}

extension Field where Value == [String] {
    /// A list of texts; whoever uses them holds each to the rules of what it is.
    static func texts(_ name: String, countMax: Int) -> Field {
        Field(
            name, .list(of: .text(), countMax: countMax),
            reason: "This must be a list of at most \(countMax) texts."
        ) { input in
            guard case .json(.list(let elements)) = input, elements.count <= countMax else {
                return nil
            }
            var texts: [String] = []
            for element in elements {
                guard case .text(let text) = element else { return nil }
                texts.append(text)
            }
            return texts
        }
    }
}
