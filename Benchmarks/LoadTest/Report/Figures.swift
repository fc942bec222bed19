extension Double {
    /// The number with so many decimals.
    func fixed(_ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard magnitude < 1e15 else { return "\(self)" }
        let scaled = Int64((magnitude * scale).rounded())
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
        let digits = String(rest)
        let zeros = String(repeating: "0", count: decimals - min(decimals, digits.count))
        return (self < 0 && scaled != 0 ? "-" : "") + "\(whole)"
            + (decimals > 0 ? "." + zeros + digits : "")
    }

    /// The whole number next to it, with commas between thousands.
    var grouped: String {
        magnitude < 1e15 ? Int64(rounded()).grouped : "\(self)"
    }

    /// Three digits that count: `0.0123`, `1.23`, `12.3`, `12,345`.
    var significant: String {
        guard self != 0, isFinite else { return isFinite ? "0" : "\(self)" }
        switch magnitude {
        case ..<0.1: return fixed(4)
        case ..<10: return fixed(2)
        case ..<100: return fixed(1)
        case _: return grouped
        }
    }
}

extension BinaryInteger {
    /// The number with commas between thousands.
    var grouped: String {
        let digits = Array(String(magnitude))
        let text = digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digits[index])
        }
        return self < 0 ? "-" + text : text
    }

    /// The number of bytes in KiB, MiB or GiB.
    var bytesText: String {
        switch magnitude {
        case ..<1_024: "\(self) bytes"
        case ..<1_048_576: (Double(self) / 1_024).fixed(1) + " KiB"
        case ..<1_073_741_824: (Double(self) / 1_048_576).fixed(1) + " MiB"
        case _: (Double(self) / 1_073_741_824).fixed(2) + " GiB"
        }
    }
}
