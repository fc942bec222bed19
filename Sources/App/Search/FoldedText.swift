import Foundation

/// A text as search sees it: what case, width and composition make different is the same (as by
/// NFKC_Casefold, Unicode §3.13), words have one space between them, and nothing else is left.
///
/// A word is made of letters, marks, digits and pictures; everything else separates.
struct FoldedText: Sendable, Hashable {
    let scalars: [Unicode.Scalar]

    init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var isBetween = false
        for scalar in Self.fold(text) {
            guard ScriptClass(scalar) != nil else {
                isBetween = true
                continue
            }
            if isBetween, !scalars.isEmpty { scalars.append(" ") }
            isBetween = false
            scalars.append(scalar)
        }
        self.scalars = scalars
    }

    var words: [ArraySlice<Unicode.Scalar>] { scalars.split(separator: " ") }

    private static func fold(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "A"..."Z": scalars.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
            // Hangul syllables and unified ideographs, the most of what is written here.
            case "\u{0}"..."\u{7f}", "\u{ac00}"..."\u{d7a3}", "\u{4e00}"..."\u{9fff}":
                scalars.append(scalar)
            default: return foldAny(text)
            }
        }
        return scalars
    }

    /// Folds twice, since what folding makes may compose with what is beside it.
    private static func foldAny(_ text: String) -> [Unicode.Scalar] {
        var text = text
        for _ in 0..<2 {
            var folded = String.UnicodeScalarView()
            for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
                let properties = scalar.properties
                if properties.isDefaultIgnorableCodePoint { continue }
                guard properties.changesWhenCaseFolded else {
                    folded.append(scalar)
                    continue
                }
                for upper in properties.uppercaseMapping.unicodeScalars {
                    folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
                }
            }
            text = String(folded).precomposedStringWithCompatibilityMapping
        }
        return Array(text.unicodeScalars)
    }
}

/// What kind of writing a scalar belongs to, which decides how it is found.
enum ScriptClass: Hashable, Sendable {
    /// One alone means something: a syllable, an ideograph, a picture.
    case dense
    /// Letters and digits, of which it takes several.
    case sparse

    /// Nil for what separates words.
    init?(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "a"..."z", "0"..."9": self = .sparse
        case "\u{ac00}"..."\u{d7a3}", "\u{4e00}"..."\u{9fff}": self = .dense
        case "\u{0}"..."\u{7f}": return nil
        default:
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber,
                .letterNumber, .otherNumber:
                self = Self.isDense(scalar) ? .dense : .sparse
            case .otherSymbol: self = .dense
            // The colours of skin in pictures.
            case .modifierSymbol where ("\u{1f3fb}"..."\u{1f3ff}").contains(scalar): self = .dense
            case _: return nil
            }
        }
    }

    /// Whether a letter is of Korean, Chinese or Japanese.
    private static func isDense(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x11ff, 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x303c,
            0x3041...0x30ff, 0x3105...0x31bf, 0x31f0...0x31ff, 0x3400...0x4dbf,
            0xa960...0xa97f, 0xd7b0...0xd7ff, 0xf900...0xfaff, 0x1b000...0x1b16f,
            0x20000...0x3ffff:
            true
        case _: false
        }
    }
}
