/// The bounds of one inbound frame. Each is enforced before the bytes beyond it are kept.
public struct STOMPLimits: Sendable, Hashable {
    /// Header lines of a frame, repeated ones included.
    public var headerCountMax: Int
    /// One header line: name, colon and value as they stand on the wire, without the line feed.
    public var headerBytesMax: Int
    /// The command and all header lines with their line ends, without the empty line.
    public var headBytesMax: Int
    public var bodyBytesMax: Int

    public init(
        headerCountMax: Int = 64, headerBytesMax: Int = 4096, headBytesMax: Int = 16_384,
        bodyBytesMax: Int = 65_536
    ) {
        self.headerCountMax = headerCountMax
        self.headerBytesMax = headerBytesMax
        self.headBytesMax = headBytesMax
        self.bodyBytesMax = bodyBytesMax
    }
}

/// Names a bound that a frame went over.
public enum STOMPLimit: Sendable, Hashable, CaseIterable {
    case headerCount
    case headerBytes
    case headBytes
    case bodyBytes
}
