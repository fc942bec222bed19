import Measure

/// One run of the program, as its command line asks for it.
enum Invocation {
    case run(RunOptions)
    case publish(PublishOptions)
    /// Prints this text.
    case help(String)

    /// Understands the arguments, which come without the program's own name.
    init(_ arguments: [String]) throws(FlagError) {
        switch arguments.first {
        case "run":
            let values = try FlagValues(arguments.dropFirst(), of: RunOptions.flags)
            self = values.asksForHelp ? .help(Self.runHelp) : .run(try RunOptions(values))
        case "publish":
            let values = try FlagValues(arguments.dropFirst(), of: PublishOptions.flags)
            self =
                values.asksForHelp
                ? .help(Self.publishHelp) : .publish(try PublishOptions(values))
        case "--help", "-h", "help":
            self = .help(Self.programHelp)
        case let word?:
            throw word.hasPrefix("-") ? .unknownFlag(word) : .surplusArgument(word)
        case nil:
            throw .missingFlag("a command, run or publish,")
        }
    }

    static let programHelp = """
        loadtest drives STOMP-over-WebSocket servers and checks what they deliver.

        usage: loadtest run --url URL --scenario fanout|chat|idle|sink [flags]
               loadtest publish --url URL --chat-room ID --journal FILE [flags]
               loadtest run|publish --help

        """

    private static let runHelp =
        """
        usage: loadtest run --url URL --scenario NAME [flags]

        Messages leave at fixed times (open loop), and latency counts from those times. Every
        member of a room must receive each message once, in order. Exit status: 0 when that was
        so, 1 when not, 2 for a command line that can't be carried out.


        """ + RunOptions.flags.helpText

    private static let publishHelp =
        """
        usage: loadtest publish --url URL --chat-room ID --journal FILE [flags]

        Publishes with receipts and idempotency keys. The journal has a line `sent ROOM KEY` for
        each message that leaves, and `ROOM KEY OFFSET EPOCH` for each receipt; the key is also the
        message's text. On a lost connection it comes back and sends again, with the same key, what
        had no receipt.


        """ + PublishOptions.flags.helpText
}
