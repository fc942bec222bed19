/// One input of one target with the seed of its chunks: all that is needed to run it again.
struct FuzzCase {
    let target: String
    let chunkSeed: UInt64
    let input: [UInt8]

    init(target: String, chunkSeed: UInt64, input: [UInt8]) {
        self.target = target
        self.chunkSeed = chunkSeed
        self.input = input
    }

    /// Reads `TARGET:SEED:HEX`; nil where it is anything else.
    init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let chunkSeed = UInt64(parts[1]),
            parts[2].utf8.count.isMultiple(of: 2)
        else { return nil }
        var input: [UInt8] = []
        var digits = parts[2][...]
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
            input.append(byte)
            digits = digits.dropFirst(2)
        }
        self.init(target: String(parts[0]), chunkSeed: chunkSeed, input: input)
    }

    /// `TARGET:SEED:HEX` as UTF-8.
    var line: [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var line = Array("\(target):\(chunkSeed):".utf8)
        line.reserveCapacity(line.count + 2 * input.count + 1)
        for byte in input {
            line.append(digits[Int(byte >> 4)])
            line.append(digits[Int(byte & 15)])
        }
        return line
    }

    /// Sizes that add up to the input's: often single bytes, sometimes most of what is left.
    var chunkSizes: [Int] {
        var random = SeededRandom(seed: chunkSeed)
        let largest = [1, 3, 16, max(1, input.count)].randomElement(using: &random) ?? 1
        var sizes: [Int] = []
        var left = input.count
        while left > 0 {
            let size = min(left, Int.random(in: 1...largest, using: &random))
            sizes.append(size)
            left -= size
        }
        return sizes
    }
}
