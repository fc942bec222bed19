/// Makes new inputs of known ones.
struct Mutator {
    /// Inputs never grow beyond this, so that an execution stays short.
    static let inputBytesMax = 8192

    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// A number for choices outside of the input, from the same sequence.
    mutating func number() -> UInt64 {
        random.next()
    }

    /// One entry of the corpus after one to eight changes.
    mutating func input(from corpus: [[UInt8]]) -> [UInt8] {
        var input = entry(of: corpus)
        for _ in 0..<(1 << Int.random(in: 0...3, using: &random)) {
            mutate(&input, corpus)
        }
        return input.count > Self.inputBytesMax ? Array(input.prefix(Self.inputBytesMax)) : input
    }

    private enum Change: CaseIterable {
        case flipBit, setByte, setInterestingByte, insert, insertInterestingNumber, delete
        case duplicate, splice, concatenate, truncate, changeDigit
    }

    private mutating func mutate(_ input: inout [UInt8], _ corpus: [[UInt8]]) {
        guard let change = Change.allCases.randomElement(using: &random) else { return }
        switch change {
        case .flipBit:
            guard let index = input.indices.randomElement(using: &random) else { return }
            input[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case .setByte:
            guard let index = input.indices.randomElement(using: &random) else { return }
            input[index] = UInt8.random(in: .min ... .max, using: &random)
        case .setInterestingByte:
            guard let index = input.indices.randomElement(using: &random) else { return }
            input[index] = interestingByte()
        case .insert:
            let index = Int.random(in: 0...input.count, using: &random)
            let count = random.oneIn(16) ? 300 : Int.random(in: 1...4, using: &random)
            input.insert(contentsOf: repeatElement(interestingByte(), count: count), at: index)
        case .insertInterestingNumber:
            let index = Int.random(in: 0...input.count, using: &random)
            input.insert(contentsOf: interestingNumber(), at: index)
        case .delete:
            input.removeSubrange(range(in: input))
        case .duplicate:
            let range = range(in: input)
            input.insert(contentsOf: Array(input[range]), at: range.upperBound)
        case .splice:
            let other = entry(of: corpus)
            let end = Int.random(in: 0...input.count, using: &random)
            let start = Int.random(in: 0...other.count, using: &random)
            input = Array(input[..<end]) + other[start...]
        case .concatenate:
            input += entry(of: corpus)
        case .truncate:
            input.removeLast(Int.random(in: 0...input.count, using: &random))
        case .changeDigit:
            let digits = input.indices.filter { (48...57).contains(input[$0]) }
            guard let index = digits.randomElement(using: &random) else { return }
            input[index] = UInt8.random(in: 48...57, using: &random)
        }
    }

    private mutating func entry(of corpus: [[UInt8]]) -> [UInt8] {
        corpus.randomElement(using: &random) ?? []
    }

    private mutating func range(in input: [UInt8]) -> Range<Int> {
        let start = Int.random(in: 0...input.count, using: &random)
        let longest = random.oneIn(4) ? input.count - start : min(8, input.count - start)
        return start..<start + Int.random(in: 0...longest, using: &random)
    }

    /// Bytes that protocols give a meaning to, or that end something.
    private mutating func interestingByte() -> UInt8 {
        let bytes: [UInt8] = [0, 9, 10, 13, 32, 34, 44, 48, 57, 58, 59, 92, 0x7f, 0x80, 0xc3, 0xff]
        return bytes.randomElement(using: &random) ?? 0
    }

    /// Numbers around the bounds of their types, as text and as big-endian bytes.
    private mutating func interestingNumber() -> [UInt8] {
        let numbers: [UInt64] = [
            0, 1, 125, 126, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 0x7fff_ffff,
            0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff,
        ]
        let number = numbers.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Array(String(number).utf8)
        case 1: return Array(String(number, radix: 16).utf8)
        case 2: return [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
        default:
            return (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        }
    }
}
