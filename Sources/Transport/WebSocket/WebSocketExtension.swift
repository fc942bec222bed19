/// One element of `Sec-WebSocket-Extensions` (RFC 6455 §9.1): a name and its parameters in order,
/// `permessage-deflate; server_max_window_bits=10`.
struct WebSocketExtension {
    struct Parameter {
        let name: String
        /// Without quotes; nil where there is none.
        let value: String?
    }

    let name: String
    let parameters: [Parameter]

    /// Nil unless the text follows the grammar. A quoted value must be a token when unquoted, so
    /// it holds nothing that would need an escape.
    init?(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.trimmingBlanks
        }
        guard let name = parts.first, name.isToken else { return nil }
        var parameters: [Parameter] = []
        for part in parts.dropFirst() {
            guard let parameter = Parameter(part) else { return nil }
            parameters.append(parameter)
        }
        self.name = String(name)
        self.parameters = parameters
    }
}

extension WebSocketExtension.Parameter {
    fileprivate init?(_ text: Substring) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = sides[0].trimmingBlanks
        guard name.isToken else { return nil }
        self.name = String(name)
        guard sides.count == 2 else {
            value = nil
            return
        }
        var value = sides[1].trimmingBlanks
        if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
            value = value.dropFirst().dropLast()
        }
        guard value.isToken else { return nil }
        self.value = String(value)
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let start = self.drop(while: isBlank)
        return start.dropLast(start.reversed().prefix(while: isBlank).count)
    }

    fileprivate var isToken: Bool {
        !isEmpty && utf8.allSatisfy { HTTPGrammar.isToken($0) }
    }
}
