/// A STOMP parser in a box, since it is many times as large as everything else that a conversation
/// is made of, and rarely needed.
final class UnfinishedFrames {
    let parser: STOMPParser

    init(_ parser: STOMPParser) {
        self.parser = parser
    }
}
