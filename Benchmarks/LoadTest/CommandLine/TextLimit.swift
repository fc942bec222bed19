import Measure

extension Wire {
    /// Refuses a text that is longer than the protocol has a place for, before anything is opened.
    func check(_ texts: [(flag: String, text: String)]) throws(FlagError) {
        guard let textBytesMax else { return }
        for (flag, text) in texts where text.utf8.count > textBytesMax {
            throw .contradiction(
                "\(flag) has \(text.utf8.count) bytes, and \(rawValue) has a place for "
                    + "\(textBytesMax)")
        }
    }
}
