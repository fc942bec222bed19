extension Reactor {
    /// The date for HTTP's `Date` header, made once a second.
    var httpDate: String {
        let second = SystemClock.wallMs() / 1_000
        if dateCache.second != second {
            dateCache = (second, HTTPDate.format(secondsSince1970: second))
        }
        return dateCache.text
    }
}
