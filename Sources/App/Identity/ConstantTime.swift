/// Comparisons whose time says nothing about where two secrets differ.
enum ConstantTime {
    /// True for equal bytes. The time depends on the lengths alone, which are not secret.
    @inline(never)
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices {
            difference |= left[index] ^ right[index]
        }
        return difference == 0
    }
}
