local function dropKeys(keys)
  redis.call('UNLINK', keys.registers, keys.changed, keys.leases)
end

-- Reads rooms that were not read yet; those that the key does not hold are `false` then.
local function fetchRooms(entry, fields)
  local wanted = {}
  for _, field in ipairs(fields) do
    if entry.rooms[field] == nil then
      entry.rooms[field] = false
      wanted[#wanted + 1] = field
    end
  end
  for first = 1, #wanted, MOST_ARGUMENTS do
    local last = math.min(first + MOST_ARGUMENTS - 1, #wanted)
    local values = redis.call('HMGET', entry.keys.registers, unpack(wanted, first, last))
    for index, value in ipairs(values) do
      local field = wanted[first + index - 1]
      if value then entry.rooms[field] = decodeRoom(field, value) end
    end
  end
end

local function fetchAllRooms(entry)
  local all = redis.call('HGETALL', entry.keys.registers)
  for index = 1, #all, 2 do
    local field = all[index]
    if #field > 1 and not entry.rooms[field] then entry.rooms[field] = decodeRoom(field, all[index + 1]) end
  end
end

-- The user's entry with the rooms named, or nothing if it is cold: absent, of another Redis, or of an older epoch.
local function loadEntry(keys, updates)
  local warming, numbers = unpack(redis.call('HMGET', keys.registers, 'w', 'm'))
  if not warming then return nil end
  local runId, warm, warmBegunAtMs = cmsgpack.unpack(warming)
  local entry = { keys = keys, rooms = {}, touched = {}, warm = warm, warmBegunAtMs = warmBegunAtMs }
  entry.writtenNumbers = numbers
  entry.isReady, entry.answered, entry.hasLeases, entry.n, entry.changedCount, entry.total, entry.unreadRooms,
    entry.notifications, entry.toldN, entry.toldTotal, entry.toldUnreadRooms, entry.toldNotifications =
    cmsgpack.unpack(numbers)
  local leases = entry.hasLeases and redis.call('GET', keys.leases)
  if runId ~= RUN_ID or warm <= settings.epoch or (entry.hasLeases and not leases) then
    dropKeys(keys)
    return nil
  end
  entry.devices = leases and cmsgpack.unpack(leases) or {}
  local fields = {}
  for index, update in ipairs(updates or {}) do fields[index] = toField(update[1]) end
  fetchRooms(entry, fields)
  return entry
end

local function roomOf(entry, id)
  local field = toField(id)
  local room = entry.rooms[field]
  if not room then
    room = createRoom(field)
    entry.rooms[field] = room
  end
  entry.touched[room] = true
  return room
end

-- How long the key may stay: until nobody wanted anything of it for the idle time, and at least as long as its leases.
local function ttlMs(entry)
  local untilMs = nowMs
  for _, device in ipairs(entry.devices) do
    untilMs = math.max(untilMs, device[3])
    for index = 2, #device[4], 2 do untilMs = math.max(untilMs, device[4][index]) end
  end
  return digits(untilMs - nowMs + settings.idleTtlMs)
end

local function saveEntry(entry)
  local keys, written = entry.keys, {}
  for room in pairs(entry.touched) do
    local value = encodeRoom(room)
    if value ~= room.written then
      written[#written + 1] = room.field
      written[#written + 1] = value
    end
  end
  entry.hasLeases = #entry.devices > 0
  local numbers = cmsgpack.pack(entry.isReady, entry.answered, entry.hasLeases, entry.n, entry.changedCount,
    entry.total, entry.unreadRooms, entry.notifications, entry.toldN, entry.toldTotal, entry.toldUnreadRooms,
    entry.toldNotifications)
  if numbers ~= entry.writtenNumbers then
    written[#written + 1] = 'm'
    written[#written + 1] = numbers
  end
  callMany('HSET', keys.registers, written)
  if entry.leasesChanged and not entry.hasLeases then redis.call('UNLINK', keys.leases) end
  if entry.leasesChanged and entry.hasLeases then
    redis.call('SET', keys.leases, cmsgpack.pack(entry.devices), 'KEEPTTL')
  end
  if entry.isUsed then
    local ttl = ttlMs(entry)
    redis.call('PEXPIRE', keys.registers, ttl)
    redis.call('PEXPIRE', keys.changed, ttl)
    redis.call('PEXPIRE', keys.leases, ttl)
  end
end
