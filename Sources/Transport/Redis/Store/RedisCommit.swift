import Engine

/// A commit as one script: it first finds out whether every expectation holds, and only then writes.
///
/// Numbers are compared and counted as decimal texts, since Lua's own are exact to 53 bits only.
/// Redis lets a script that has begun to write finish, so a refusal (memory, a replica's role) comes
/// at the first write or never.
enum RedisCommit {
    /// Keys: one for each change. Arguments: the time, then for each change its name and what belongs
    /// to it. Answers 0, or the number of the first change whose expectation didn't hold.
    static let script = RedisScript(
        "commit",
        """
        local now, at = ARGV[1], 2
        local records, touched, additions, moves = {}, {}, {}, {}

        local function isAbove(a, b)
            return #a > #b or (#a == #b and a > b)
        end

        local function isAlive(record)
            return record.version and (record.expiry == '' or isAbove(record.expiry, now))
        end

        local function after(version)
            if #version < 16 then return string.format('%.0f', version + 1) end
            local head, tail = string.sub(version, 1, -11), string.sub(version, -10) + 1
            if tail < 1e10 then return head .. string.format('%010.0f', tail) end
            return string.format('%.0f', head + 1) .. '0000000000'
        end

        local function record(key)
            local known = records[key]
            if known then return known end
            local head = redis.call('GETRANGE', key, 0, \(RedisRecord.headBytesMax - 1))
            local version, expiry = string.match(head, '^(%d+):(%d*):')
            if head ~= '' and not version then
                error({err = 'ERR the record ' .. key .. ' was written by somebody else'})
            end
            local found = {version = version, expiry = expiry}
            records[key] = found
            touched[#touched + 1] = key
            return found
        end

        for number, key in ipairs(KEYS) do
            local step = ARGV[at]
            if step == 'put' or step == 'remove' then
                local expected, current = ARGV[at + 1], record(key)
                local alive = isAlive(current)
                local version = alive and current.version or 'absent'
                if expected ~= 'any' and expected ~= version then return number end
                if step == 'put' then
                    current.version = alive and after(version) or '1'
                    current.expiry = ARGV[at + 2]
                    current.written = at
                    at = at + 5
                else
                    current.version = nil
                    current.written = nil
                    at = at + 2
                end
            elseif step == 'add' then
                additions[#additions + 1] = {key, ARGV[at + 1]}
                at = at + 2
            else
                moves[#moves + 1] = {step, key, ARGV[at + 1]}
                at = at + 2
            end
        end

        for number, addition in ipairs(additions) do
            local key = addition[1]
            addition[3] = redis.call('GET', key)
            local sum = redis.pcall('INCRBY', key, addition[2])
            if type(sum) == 'table' then
                for earlier = number - 1, 1, -1 do
                    local undone = additions[earlier]
                    if undone[3] then
                        redis.call('SET', undone[1], undone[3])
                    else
                        redis.call('DEL', undone[1])
                    end
                end
                return sum
            end
        end
        for _, key in ipairs(touched) do
            local current = records[key]
            local place = current.written
            if not place then
                redis.call('DEL', key)
            else
                local bytes = current.version .. ':' .. current.expiry .. ':' .. ARGV[place + 4]
                if ARGV[place + 3] == '' then
                    redis.call('SET', key, bytes)
                else
                    redis.call('SET', key, bytes, 'PX', ARGV[place + 3])
                end
            end
        end
        for _, move in ipairs(moves) do
            if move[1] == 'insert' then
                redis.call('ZADD', move[2], 0, move[3])
            else
                redis.call('ZREM', move[2], move[3])
            end
        end
        return 0
        """)

    /// What the script takes to perform the changes.
    static func call(
        _ changes: [Change], keys: RedisStoreKeys, nowMs: Int64
    ) -> (keys: [[UInt8]], arguments: [[UInt8]]) {
        var names: [[UInt8]] = []
        names.reserveCapacity(changes.count)
        var arguments = [Array(RedisRecord.expiry(nowMs).utf8)]
        arguments.reserveCapacity(1 + 5 * changes.count)
        for change in changes {
            switch change {
            case .put(let key, let value, let expectation, let expiresAtMs):
                let lifetimeMs = RedisRecord.lifetimeMs(expiresAtMs: expiresAtMs, nowMs: nowMs)
                names.append(keys.record(key))
                arguments += [
                    put, expectation.bytes, Array(RedisRecord.expiry(expiresAtMs).utf8),
                    Array((lifetimeMs.map { String($0) } ?? "").utf8), value,
                ]
            case .remove(let key, let expectation):
                names.append(keys.record(key))
                arguments += [remove, expectation.bytes]
            case .insert(let entry, let index):
                names.append(keys.index(index))
                arguments += [insert, RedisIndexMember.bytes(entry)]
            case .delete(let entry, let index):
                names.append(keys.index(index))
                arguments += [delete, RedisIndexMember.bytes(entry)]
            case .add(let amount, let counter):
                names.append(keys.counter(counter))
                arguments += [add, Array(String(amount).utf8)]
            }
        }
        return (names, arguments)
    }

    private static let put = Array("put".utf8)
    private static let remove = Array("remove".utf8)
    private static let insert = Array("insert".utf8)
    private static let delete = Array("delete".utf8)
    private static let add = Array("add".utf8)
}

extension Expectation {
    fileprivate var bytes: [UInt8] {
        switch self {
        case .any: Array("any".utf8)
        case .absent: Array("absent".utf8)
        case .version(let version): Array(String(version).utf8)
        }
    }
}
