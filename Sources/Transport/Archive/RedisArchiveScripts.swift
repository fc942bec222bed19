/// What a copy asks of a Redis server beyond its plain commands.
enum RedisArchiveScripts {
    /// Adds entries to a log, each at its offset, those that are there already left out. Keys: the
    /// log. Arguments: the first one's offset, then the entries.
    static let restore = RedisScript(
        "restore",
        """
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        local top = last and tonumber(string.sub(last[1], 3)) or 0
        for place = 2, #ARGV do
            local offset = ARGV[1] + place - 2
            if offset > top then redis.call('XADD', KEYS[1], '0-' .. offset, 'e', ARGV[place]) end
        end
        return 0
        """)

    /// Calls the data set's life as it is to be called, and removes the note. Keys: the life, the note.
    /// Arguments: the life.
    static let finish = RedisScript(
        "finish",
        """
        redis.call('HSET', KEYS[1], 'id', ARGV[1])
        return redis.call('DEL', KEYS[2])
        """)

    /// How many nodes' leases have not ended. Keys: the claimants.
    static let serving = RedisScript(
        "serving", isWrite: false,
        """
        local time = redis.call('TIME')
        return redis.call('ZCOUNT', KEYS[1], time[1] * 1000, '+inf')
        """)

    /// Reads entries of a log from an offset on, until there are `countMax` or so many bytes. Keys:
    /// the log. Arguments: the offset, how many, how many bytes. Answers the offset of the first
    /// entry that is kept, that of the last, then the entries.
    static let page = RedisScript(
        "page",
        """
        local log, call = KEYS[1], redis.call
        local first = call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
        local last = call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
        if not first then return {0, 0} end
        local function offsetOf(entry) return tonumber(string.sub(entry[1], 3)) end
        local next = math.max(offsetOf(first), tonumber(ARGV[1]))
        local answer = {offsetOf(first), offsetOf(last)}
        local left, bytesLeft = tonumber(ARGV[2]), tonumber(ARGV[3])
        while left > 0 and bytesLeft > 0 and next <= answer[2] do
            local entries = call('XRANGE', log, '0-' .. next, '+', 'COUNT', math.min(left, 64))
            for _, entry in ipairs(entries) do
                answer[#answer + 1] = entry[2][2]
                bytesLeft = bytesLeft - #entry[2][2]
            end
            left = left - #entries
            next = next + #entries
        end
        return answer
        """)
}
