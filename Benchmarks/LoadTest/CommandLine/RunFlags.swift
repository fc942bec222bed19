import Measure

extension RunOptions {
    /// What `loadtest run` takes, in the order of its help.
    static let flags =
        [
            Flag(
                "url", "URL",
                "ws://HOST:PORT/PATH, http://… for SSE, nats://… or mqtt://…; one for each node."),
            Flag("protocol", "NAME", "What ws:// means: stomp or websocket. [stomp]"),
            Flag("scenario", "NAME", "One of: \(ScenarioName.list)."),
            Flag("connections", "N", "How many to open. [100]"),
            Flag("rooms", "N", "How many rooms they share. [fanout, sse 1; pairs N/2; else N/10]"),
            Flag("rate", "R|max", "Messages a second, all rooms together. [10; storm, soak 100]"),
            Flag("window", "N", "With --rate max: unfinished messages, all rooms together. [64]"),
            Flag("duration", "TIME", "How long to measure, or to soak. [30s]"),
            Flag("warmup", "TIME", "Traffic before that. [2s]"),
            Flag("missed", "N", "storm: messages of each room that everybody misses. [20]"),
            Flag("stay", "TIME", "soak: how long a client stays connected, on average. [20s]"),
            Flag("seed", "N", "soak: repeats what clients do by chance. [another each time]"),
            Flag("journal", "FILE", "soak: where to note what was sent and what had a receipt."),
            Flag(
                "outages", "soak: being turned away, and told of a reset or a gap, is no failure."),
            Flag("size", "BYTES", "The text of a message. [200]"),
            Flag(
                "body", "TEMPLATE", "What is around the text: '{\"message\":\"{text}\"}'. [{text}]"),
            Flag("content-type", "TYPE", "What a body is. [text/plain]"),
            Flag("receipts", "Ask for a receipt of each message, and time it."),
            Flag("sample", "N", "Members of a room that read; others count frames. [0: all read]"),
            Flag("destination-send", "TEMPLATE", "Where to send. [/topic/load.{room}]"),
            Flag("destination-subscribe", "TEMPLATE", "Where to listen. [/topic/load.{room}]"),
            Flag(
                "publish-url", "URL",
                "Publish there instead: ws://… or http://… (POST); one for each node."),
            Flag("publishers", "N", "Connections for that. [one for each room, at most 4]"),
            Flag("chat", "Make PetNexus chat rooms through REST and use those."),
            Flag("accounts", "N", "Make N PetNexus accounts and sign in as those. [4 with --chat]"),
        ] + Credentials.flags + [
            Flag("header", "'NAME: VALUE'", "A header for STOMP's CONNECT; may be repeated."),
            Flag("http-header", "'NAME: VALUE'", "A header for HTTP requests; may be repeated."),
            Flag("ramp-up", "TIME", "Open the connections evenly over this time. [at once]"),
            Flag(
                "connecting-max", "N", "Connections being opened at a time. [64; storm, soak 1000]"),
            Flag("sources", "A,B,…|N", "Local addresses to connect from. [as many as needed]"),
            Flag(
                "pid", "PID,…",
                "The server's processes, or a node's each: show CPU and memory, with children."),
            Flag("json", "FILE", "Write the results there, too."),
            Flag("plot", "FILE", "Draw latency, throughput and usage over time there, as an SVG."),
            Flag("tolerant", "Exit with 0 even when messages were lost, doubled or refused."),
        ]
}
