import Engine

/// What a stream's channel carries: `epoch:offset:entry`.
struct RedisAnnouncement {
    let position: Position
    private let entry: ArraySlice<UInt8>

    /// Nil for bytes that are no announcement: somebody else published there.
    init?(_ message: [UInt8]) {
        var rest = message[...]
        guard let position = Position(taking: &rest, before: UInt8(ascii: ":")) else { return nil }
        self.position = position
        entry = rest
    }

    /// Nil for bytes that are no entry.
    var publication: Publication? { RedisEntry.decode(entry, offset: position.offset) }
}

extension Position {
    /// Reads what a script answers.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        self.init(taking: &rest, before: nil)
    }

    /// Takes `epoch:offset` and the byte that ends it; nil stands for the end of all.
    fileprivate init?(taking bytes: inout ArraySlice<UInt8>, before end: UInt8?) {
        guard let epoch = bytes.takeEpoch(), let offset = bytes.takeDecimal(before: end),
            offset >= 0
        else { return nil }
        self.init(epoch: epoch, offset: UInt64(offset))
    }
}

extension Epoch {
    /// Reads what a script answers: lower-case hexadecimal.
    init?(_ bytes: [UInt8]) {
        var rest = (bytes + [UInt8(ascii: ":")])[...]
        guard let epoch = rest.takeEpoch(), rest.isEmpty else { return nil }
        self = epoch
    }
}

extension ArraySlice<UInt8> {
    /// Takes a hexadecimal number of 64 bits and the colon that ends it.
    fileprivate mutating func takeEpoch() -> Epoch? {
        var number: UInt64 = 0
        var place = startIndex
        while place < endIndex, place - startIndex <= 16 {
            let byte = self[place]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: ":") where place > startIndex:
                self = self[(place + 1)...]
                return Epoch(rawValue: number)
            default:
                return nil
            }
            place += 1
        }
        return nil
    }
}
