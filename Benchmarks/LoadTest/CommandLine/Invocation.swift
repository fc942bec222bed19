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
            throw word.hasPrefix("-")
                ? .unknownFlag(word)
                : .unknownCommand(word, known: "the commands are run and publish")
        case nil:
            throw .missingFlag("a command, run or publish,")
        }
    }

    static let programHelp = #"""
        loadtest drives servers of rooms and streams, checks what they deliver, and says what it
        costs them: STOMP over WebSocket, bare WebSockets, Server-Sent Events, NATS and MQTT.

        usage: loadtest run --url URL --scenario NAME [flags]
               loadtest publish --url URL --chat-room ID --journal FILE [flags]
               loadtest run|publish --help

        PetNexus, 200 rooms of ten, and the process that serves them:
          loadtest run --url ws://127.0.0.1:8080/stomp/chat --scenario chat --chat \
            --connections 2000 --rate 2000 --receipts --pid "$(pidof petnexus)" --plot chat.svg
        As many messages as it takes, to a room of 1,000:
          loadtest run --url ws://127.0.0.1:8080/stomp/chat --scenario fanout --accounts 4 \
            --connections 1000 --rate max --window 64 --sample 10
        10,000 clients who all come back at once:
          loadtest run --url ws://127.0.0.1:8080/stomp/chat --scenario storm --chat \
            --connections 10000
        RabbitMQ's Web-STOMP, whose virtual host is a header:
          loadtest run --url ws://127.0.0.1:15674/ws --scenario chat --header host:/ \
            --login guest --passcode guest
        Any event stream, here of Nchan:
          loadtest run --url 'http://127.0.0.1/sub/{room}' --scenario sse \
            --publish-url 'http://127.0.0.1/pub/{room}'

        """#

    private static let runHelp =
        """
        usage: loadtest run --url URL --scenario NAME [flags]

          fanout  one room            chat   rooms of ten     pairs  rooms of two, both send
          sse     event streams       storm  all are cut off, come back at once and resume
          idle    silent clients      sink   what the floor program sends
          soak    PetNexus chat rooms whose clients come and go, each with an outbox, keys and
                  positions, while somebody kills the server and starts it again

        Messages leave at fixed times (open loop), and latency counts from those times; with
        --rate max as soon as fewer than --window are unfinished (closed loop), and latency counts
        from sending. A message is unfinished until all members have it, or with --receipts until
        its receipt is there. Every member of a room must receive each message once, in order.

        TEMPLATE and the path of URL may have {room}, {client}, or {room:6} for six digits.

        Exit status: 0 when nothing went wrong; 1 when a delivery was lost, doubled, late in order
        or refused, a connection ended, or nothing could be measured; 2 for a command line that
        can't be carried out.


        """ + RunOptions.flags.helpText

    private static let publishHelp =
        """
        usage: loadtest publish --url URL --chat-room ID --journal FILE [flags]

        Publishes with receipts and idempotency keys. The journal has a line `sent ROOM KEY` for
        each message that leaves, and `ROOM KEY OFFSET EPOCH` for each receipt; the key is also the
        message's text. On a lost connection it comes back and sends again, with the same key, what
        had no receipt. Exit status as for run.


        """ + PublishOptions.flags.helpText
}
