/// Who is in the rooms of passing-through streams, as steps of the server.
///
/// A claimant is one link of one node, from one opening to the next: it says who is in a room through
/// it. A user is a member while somebody claims so. Of a stream: a hash of names and one of how many
/// claim each user. Of a claimant: the set of its streams, a set of users for each, and an entry
/// among the claimants with the time at which its lease ends.
///
/// Each script's first key is the life; its arguments begin with the prefix of all keys and the time
/// at the node.
enum RedisPresenceScripts {
    /// The order of writes matters where memory is full: what needs more comes first and is refused
    /// before anything was changed.
    private static let prelude = """
        local prefix, nowMs = ARGV[1], ARGV[2]
        local claimants, ending = prefix .. 'claimants', prefix .. 'ending'
        local function key(kind, stream) return prefix .. kind .. ':{' .. stream .. '}' end
        local function claimed(stream, id) return key('claimed', stream) .. ':' .. id end
        local function tell(stream, change, user, name)
            local kind = 'presence/' .. change
            announce(
                key('passing', stream),
                user .. ' ' .. nowMs .. ' ' .. #name .. ' ' .. #kind .. '\\n' .. name .. kind)
        end
        local function give(stream, user, name)
            call('HSET', key('names', stream), user, name)
            if call('HINCRBY', key('counts', stream), user, 1) == 1 then
                tell(stream, 'joined', user, name)
            end
        end
        local function take(stream, user)
            local counts, names = key('counts', stream), key('names', stream)
            if call('HINCRBY', counts, user, -1) > 0 then return end
            local name = call('HGET', names, user) or ''
            call('HDEL', counts, user)
            call('HDEL', names, user)
            tell(stream, 'left', user, name)
        end
        local function lease(id, leaseMs)
            local time = call('TIME')
            -- Memory may be full: only a script's first write is refused for that, and this is one
            -- that never is.
            call('ZREM', claimants, '')
            call('ZADD', claimants, time[1] * 1000 + math.floor(time[2] / 1000) + leaseMs, id)
        end
        local function finish(id)
            local streams, budget = prefix .. 'claimant:' .. id, 500
            while budget > 0 do
                local stream = call('SRANDMEMBER', streams)
                if not stream then
                    call('SREM', ending, id)
                    return 'DONE'
                end
                local users = call('SPOP', claimed(stream, id), budget)
                for _, user in ipairs(users) do take(stream, user) end
                if #users < budget then call('SREM', streams, stream) end
                budget = budget - #users - 1
            end
            return 'MORE'
        end

        """

    private static func script(_ name: String, _ body: String) -> RedisScript {
        RedisScript(
            name, RedisStreamScripts.life + RedisPassingScripts.stream + prelude + body)
    }

    /// Begins a claimant. Arguments: its id, its lease in milliseconds.
    static let begin = script(
        "begin",
        """
        lease(ARGV[3], ARGV[4])
        return 'DONE'
        """)

    /// Claims users, or renames them. Arguments: the claimant's id, the stream, then each user and
    /// name. Answers `GONE` where there is no such claimant.
    static let enter = script(
        "enter",
        """
        local id, stream = ARGV[3], ARGV[4]
        if not call('ZSCORE', claimants, id) then return 'GONE' end
        call('SADD', prefix .. 'claimant:' .. id, stream)
        for i = 5, #ARGV, 2 do
            if call('SADD', claimed(stream, id), ARGV[i]) == 1 then
                give(stream, ARGV[i], ARGV[i + 1])
            else
                call('HSET', key('names', stream), ARGV[i], ARGV[i + 1])
            end
        end
        return 'DONE'
        """)

    /// Takes claims back. Arguments: the claimant's id, the stream, the users. Answers as `enter`.
    static let leave = script(
        "leave",
        """
        local id, stream = ARGV[3], ARGV[4]
        if not call('ZSCORE', claimants, id) then return 'GONE' end
        for i = 5, #ARGV do
            if call('SREM', claimed(stream, id), ARGV[i]) == 1 then take(stream, ARGV[i]) end
        end
        if call('EXISTS', claimed(stream, id)) == 0 then
            call('SREM', prefix .. 'claimant:' .. id, stream)
        end
        return 'DONE'
        """)

    /// Prolongs a claimant's lease, and ends some of the claims of those whose lease is over.
    /// Arguments: the claimant's id, its lease in milliseconds, and whether others may be ended, 0 or
    /// 1. Answers `GONE` as `enter`, and `MORE` where there is more to end.
    static let tend = script(
        "tend",
        """
        local leased = call('ZSCORE', claimants, ARGV[3])
        if not leased then return 'GONE' end
        local time = call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        lease(ARGV[3], ARGV[4])
        -- Whose own lease is over has slept, or the server has: then the others are no worse.
        if ARGV[5] ~= '1' or tonumber(leased) <= now then return 'DONE' end
        local over = call('ZRANGEBYSCORE', claimants, '-inf', now, 'LIMIT', 0, 16)
        for _, id in ipairs(over) do
            call('ZREM', claimants, id)
            call('SADD', ending, id)
        end
        local id = call('SRANDMEMBER', ending)
        if not id then return 'DONE' end
        finish(id)
        return call('EXISTS', ending) == 1 and 'MORE' or 'DONE'
        """)

    /// Ends a claimant. Argument: its id. Answers `MORE` until nothing of it is left.
    static let quit = script(
        "quit",
        """
        local id = ARGV[3]
        call('ZREM', claimants, id)
        call('SADD', ending, id)
        return finish(id)
        """)

    /// Who is there. Argument: the stream. Answers its epoch and its top, then each user and name.
    static let attendance = script(
        "attendance",
        """
        local epoch, top = use(key('passing', ARGV[3]))
        local answer = {epoch, top}
        for _, text in ipairs(call('HGETALL', key('names', ARGV[3]))) do
            answer[#answer + 1] = text
        end
        return answer
        """)
}
