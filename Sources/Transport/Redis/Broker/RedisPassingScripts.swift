/// What is done to passing-through streams, as steps of the server.
///
/// Such a stream is a hash: where it stands, its own epoch, and the life of the data set in which that
/// began. It is gone an hour after its last use, and begins anew in another epoch.
enum RedisPassingScripts {
    static let stream = """
        local function use(key)
            local at = call('HMGET', key, 'life', 'epoch', 'top')
            if at[1] ~= life then
                local time = call('TIME')
                at = {life, string.format('%x', time[1] * 1000000 + time[2]), 0}
                call('HSET', key, 'life', life, 'epoch', at[2], 'top', 0)
            end
            call('PEXPIRE', key, 3600000)
            return at[2], tonumber(at[3])
        end
        local function announce(key, entry)
            local epoch = use(key)
            local position = epoch .. ':' .. call('HINCRBY', key, 'top', 1)
            call('PUBLISH', key, position .. ':' .. entry)
            return position
        end

        """

    /// Announces an entry. Keys: life, stream. Argument: the entry. Answers `epoch:offset`.
    static let append = RedisScript(
        "pass", isWrite: false,
        RedisStreamScripts.life + stream + """
            return announce(KEYS[2], ARGV[1])
            """)

    /// Where streams stand. Keys: life, then the streams. Answers for each the epoch and the top.
    static let tops = RedisScript(
        "passing-tops", isWrite: false,
        RedisStreamScripts.life + stream + """
            local answer = {}
            for i = 2, #KEYS do
                local epoch, top = use(KEYS[i])
                answer[#answer + 1] = epoch
                answer[#answer + 1] = top
            end
            return answer
            """)
}
