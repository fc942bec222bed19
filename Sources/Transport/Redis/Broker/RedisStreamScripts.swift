/// What is done to kept streams, as steps of the server.
///
/// A kept stream is one Redis Stream: its ids are `0-offset`, each entry has one field, and the last
/// one is never trimmed, so that the log itself knows how far it has come. Offsets stay below 10¹⁴,
/// which Lua writes out exactly.
enum RedisStreamScripts {
    /// Every script begins with the data set's life, which it answers with as the epoch.
    static let life = """
        local call = redis.call
        local life = call('HGET', KEYS[1], 'id')
        if not life then return redis.error_reply('NOLIFE the data set has no life') end

        """

    /// Which of a stream's offsets retention keeps.
    ///
    /// Age counts from the oldest end up to the first entry that is young enough. Of a stream that fell
    /// silent long ago much may be overdue: no more is looked at than `budget` says, what was found
    /// overdue is trimmed, and the script is to be run again.
    private static let floor = """
        local budget = 2000
        local function offsetOf(entry) return tonumber(string.sub(entry[1], 3)) end
        local function floorOf(log, first, top, countMax, cut)
            local floor = math.max(first, top - countMax + 1)
            local count = 1
            while cut and floor <= top do
                local entries = call('XRANGE', log, '0-' .. floor, '+', 'COUNT', count)
                local isFound = false
                for _, entry in ipairs(entries) do
                    if tonumber(string.match(entry[2][2], '^%S+ (%S+)')) >= cut then
                        isFound = true
                        break
                    end
                    floor = offsetOf(entry) + 1
                end
                budget = budget - #entries
                if isFound then break end
                if budget <= 0 then
                    call('XTRIM', log, 'MINID', '0-' .. math.min(floor, top))
                    return nil
                end
                count = 64
            end
            if cut and floor - first >= 256 then
                call('XTRIM', log, 'MINID', '0-' .. math.min(floor, top))
            end
            return floor
        end

        """

    /// Stores and announces an entry, unless its idempotency key is known.
    ///
    /// Keys: life, log, and what is remembered of the idempotency key, if there is one. Arguments: the
    /// entry, how many are kept, the time, and the time before which nothing is kept or nothing.
    /// Answers `epoch:offset`, for a known key that of the first time after a `=`.
    static let append = RedisScript(
        "append",
        life + floor + """
            local known, nowMs = KEYS[3], ARGV[3]
            if known then
                local seen = call('GET', known)
                if seen then
                    local offset, atMs = string.match(seen, '^(%d+) (-?%d+)$')
                    if nowMs - atMs < 86400000 then return '=' .. life .. ':' .. offset end
                end
            end
            local log = KEYS[2]
            local id = call('XADD', log, 'MAXLEN', '~', ARGV[2], '0-*', 'e', ARGV[1])
            local offset = string.sub(id, 3)
            if known then call('SET', known, offset .. ' ' .. nowMs, 'PX', 86460000) end
            local position = life .. ':' .. offset
            call('PUBLISH', log, position .. ':' .. ARGV[1])
            if #ARGV[4] > 0 and offset % 64 == 0 then
                local first = offsetOf(call('XRANGE', log, '-', '+', 'COUNT', 1)[1])
                budget = 256
                local floor = floorOf(log, first, tonumber(offset), 1e15, tonumber(ARGV[4]))
                if floor then call('XTRIM', log, 'MINID', '0-' .. math.min(floor, offset)) end
            end
            return position
            """)

    /// Where streams stand.
    ///
    /// Keys: life, then the logs. Arguments: how many are kept, and the time before which nothing is or
    /// nothing. Answers the epoch, and for each log the top, the floor and the entry at the top or
    /// null; `AGAIN` where it must be run again.
    static let tops = RedisScript(
        "tops", isWrite: false,
        life + floor + """
            local answer = {life}
            for i = 2, #KEYS do
                local last = call('XREVRANGE', KEYS[i], '+', '-', 'COUNT', 1)[1]
                local top, floor = 0, 1
                if last then
                    top = offsetOf(last)
                    local first = offsetOf(call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1])
                    floor = floorOf(KEYS[i], first, top, tonumber(ARGV[1]), tonumber(ARGV[2]))
                    if not floor then return 'AGAIN' end
                end
                answer[#answer + 1] = top
                answer[#answer + 1] = floor
                answer[#answer + 1] = floor <= top and last[2][2] or false
            end
            return answer
            """)

    /// Reads a page.
    ///
    /// Keys: life, log. Arguments: the offset to read after, how many entries and how many bytes of
    /// bodies at most, then as `tops`. Answers the epoch, the top, the floor, then each entry after its
    /// offset; `AGAIN` as `tops`.
    static let read = RedisScript(
        "read", isWrite: false,
        life + floor + """
            local log = KEYS[2]
            local last = call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
            if not last then return {life, 0, 1} end
            local top = offsetOf(last)
            local first = offsetOf(call('XRANGE', log, '-', '+', 'COUNT', 1)[1])
            local floor = floorOf(log, first, top, tonumber(ARGV[4]), tonumber(ARGV[5]))
            if not floor then return 'AGAIN' end
            local next = math.max(floor, math.min(tonumber(ARGV[1]), top) + 1)
            local answer = {life, top, floor}
            local left, bytesLeft = tonumber(ARGV[2]), tonumber(ARGV[3])
            while left > 0 and next <= top do
                local entries = call(
                    'XRANGE', log, '0-' .. next, '+', 'COUNT', math.min(left, 64))
                for _, entry in ipairs(entries) do
                    local text = entry[2][2]
                    local name, kind, start = string.match(text, '^%S+ %S+ (%d+) (%d+)\\n()')
                    local bytes = #text - start + 1 - name - kind
                    if #answer > 3 and bytes > bytesLeft then return answer end
                    bytesLeft = bytesLeft - bytes
                    answer[#answer + 1] = offsetOf(entry)
                    answer[#answer + 1] = text
                    next = offsetOf(entry) + 1
                end
                left = left - #entries
            end
            return answer
            """)
}
