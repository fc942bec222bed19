/// One row of the table of settings: its names, what it accepts, where its value goes, and its help.
struct Setting: Sendable {
    /// The flag without its dashes, which is also the key in a settings file: `stomp-port`.
    let name: String
    let section: Section
    /// What stands for the value in help; nil for a switch, which needs no value.
    let placeholder: String?
    /// Whether several values may be given.
    let isList: Bool
    /// Whether the value must not be shown.
    let isSecret: Bool
    /// One or two sentences for help.
    let summary: String
    /// Parses the texts of one source and sets the value, replacing what was there.
    let apply: @Sendable ([String], inout Configuration) throws(UnusableValue) -> Void
    /// The value as text that `apply` accepts again; masked for a secret.
    let show: @Sendable (Configuration) -> String

    /// The groups in which help lists the settings, in this order.
    enum Section: String, CaseIterable, Sendable {
        case network = "Network"
        case files = "Files"
        case cluster = "Cluster"
        case identity = "Identity"
        case topics = "Topics"
        case operation = "Operation"
        case limits = "Limits"
    }

    /// A setting of one value. The last of several texts counts, as with repeated flags.
    init<Value>(
        _ name: String, _ section: Section, _ form: ValueForm<Value>,
        _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ summary: String
    ) {
        self.name = name
        self.section = section
        placeholder = form.placeholder
        isList = false
        isSecret = form.isSecret
        self.summary = summary
        apply = { (texts, configuration) throws(UnusableValue) in
            configuration[keyPath: path] = try form.parse(texts.last ?? "")
        }
        show = { form.text($0[keyPath: path]) }
    }

    /// A setting of one value or none, which is written as `absent`.
    init<Value>(
        _ name: String, _ section: Section, _ form: ValueForm<Value>, orAbsent absent: String,
        _ path: any WritableKeyPath<Configuration, Value?> & Sendable, _ summary: String
    ) {
        self.init(name, section, form.orAbsent(as: absent), path, summary)
    }

    /// A setting of any number of values, each text holding some, separated by white space.
    init<Element>(
        _ name: String, _ section: Section, listOf form: ValueForm<Element>,
        _ path: any WritableKeyPath<Configuration, [Element]> & Sendable, _ summary: String
    ) {
        self.name = name
        self.section = section
        placeholder = form.placeholder
        isList = true
        isSecret = form.isSecret
        self.summary = summary
        apply = { (texts, configuration) throws(UnusableValue) in
            var elements: [Element] = []
            for text in texts {
                for word in text.split(whereSeparator: \.isWhitespace) {
                    elements.append(try form.parse(String(word)))
                }
            }
            configuration[keyPath: path] = elements
        }
        show = { $0[keyPath: path].map(form.text).joined(separator: " ") }
    }

    /// The flag as it is typed: `--stomp-port`.
    var flag: String { "--" + name }

    /// The name in the environment: `PETNEXUS_STOMP_PORT`.
    var variable: String {
        "PETNEXUS_" + name.uppercased().replacing("-", with: "_")
    }
}
