/// The bounds of one message. They are checked before anything is kept.
public struct HTTPLimits: Hashable, Sendable {
    /// The longest request-target; a longer one is 414.
    public var targetBytesMax: Int
    /// The first line and all header lines together, line ends included; more is 431.
    public var headBytesMax: Int
    /// The most header lines, and the most trailer lines; more is 431.
    public var headerCountMax: Int
    /// What a body may come to unless the owner sets another bound for it; more is 413.
    public var bodyBytesMax: Int
    /// All chunk extensions of one body together. They mean nothing here and are skipped.
    public var chunkExtensionBytesMax: Int
    /// All trailer lines together, line ends included; more is 431.
    public var trailerBytesMax: Int

    public init(
        targetBytesMax: Int = 8192, headBytesMax: Int = 16384, headerCountMax: Int = 100,
        bodyBytesMax: Int = 1 << 20, chunkExtensionBytesMax: Int = 1024, trailerBytesMax: Int = 4096
    ) {
        self.targetBytesMax = targetBytesMax
        self.headBytesMax = headBytesMax
        self.headerCountMax = headerCountMax
        self.bodyBytesMax = bodyBytesMax
        self.chunkExtensionBytesMax = chunkExtensionBytesMax
        self.trailerBytesMax = trailerBytesMax
    }
}
