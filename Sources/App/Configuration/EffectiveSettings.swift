/// The settings that hold, and where each came from. A flag beats the environment, the environment
/// beats the settings file, and the file beats the default; lists replace each other whole.
struct EffectiveSettings: Equatable {
    private(set) var configuration = Configuration()
    private var sources: [String: Source] = [:]

    /// Where a value came from.
    enum Source: String {
        case flag
        case environment
        case file
        case `default`
    }

    /// Takes each setting from the first source that has it. A variable that is set to nothing
    /// counts as not set. Other variables are none of our business, be their prefix what it may:
    /// container platforms make some up from the service's name.
    init(
        flags: [String: [String]], environment: [String: String], file: SettingsFile?
    ) throws(UsageError) {
        for setting in Setting.all {
            if let texts = flags[setting.name] {
                try apply(setting, texts, from: .flag, named: setting.flag)
            } else if let text = environment[setting.variable], !text.isEmpty {
                try apply(setting, [text], from: .environment, named: setting.variable)
            } else if let file, let texts = file.texts[setting.name] {
                try apply(setting, texts, from: .file, named: "\(file.path): \(setting.name)")
            }
        }
        if let sentence = configuration.contradiction { throw .contradiction(sentence) }
    }

    /// Every setting in a line of its own, with its value and its source; secrets are masked.
    var report: String {
        let rows = Setting.all.map { setting in
            (
                setting.name, setting.show(configuration),
                (sources[setting.name] ?? .default).rawValue
            )
        }
        let nameWidth = rows.map(\.0.count).max() ?? 0
        let valueWidth = min(rows.map(\.1.count).max() ?? 0, 40)
        return rows.map { name, value, source in
            "\(name.padded(to: nameWidth))  \(value.padded(to: valueWidth))  \(source)\n"
        }.joined()
    }

    private mutating func apply(
        _ setting: Setting, _ texts: [String], from source: Source, named name: String
    ) throws(UsageError) {
        do {
            try setting.apply(texts, &configuration)
        } catch {
            let text = setting.isSecret ? nil : error.text
            throw .unusable(source: name, text: text, reason: error.reason)
        }
        sources[setting.name] = source
    }
}

extension String {
    /// The text with spaces after it, up to `width` characters in all.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
