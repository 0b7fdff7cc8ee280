local function dropKeys(keys)
  call('UNLINK', keys.registers, keys.changed, keys.leases)
end

-- Whether it answered before the warming under way. That begins without a look at the rooms: the old ones are those that
-- are not marked as written anew.
local function isWarmedAgain(entry)
  return entry.answered and not entry.isReady
end

-- Takes in what HMGET answered; rooms that the key does not hold are `false` from now on.
local function putRooms(entry, fields, count, values, first)
  local rooms, isForgotten = entry.rooms, isWarmedAgain(entry)
  for index = 1, count do
    local field, value = fields[index], values[first + index - 1]
    if rooms[field] == nil then rooms[field] = value and decodeRoom(field, value, isForgotten) end
  end
end

-- Reads rooms that were not read yet.
local function fetchRooms(entry, fields)
  local wanted, asked = {}, {}
  for _, field in ipairs(fields) do
    if entry.rooms[field] == nil and not asked[field] then
      asked[field] = true
      wanted[#wanted + 1] = field
    end
  end
  for first = 1, #wanted, MOST_ARGUMENTS do
    local some = { unpack(wanted, first, math.min(first + MOST_ARGUMENTS - 1, #wanted)) }
    putRooms(entry, some, #some, call('HMGET', entry.keys.registers, unpack(some)), 1)
  end
end

local function fetchAllRooms(entry)
  local all, isForgotten = call('HGETALL', entry.keys.registers), isWarmedAgain(entry)
  for index = 1, #all, 2 do
    local field = all[index]
    if #field > 1 and not entry.rooms[field] then
      entry.rooms[field] = decodeRoom(field, all[index + 1], isForgotten)
    end
  end
end

-- Every user's in turn.
local oneEntry, fields = {}, {}

-- The user's entry with the rooms named, in every so many values, or nothing if it is cold: absent, of another Redis, or
-- of an older epoch.
local function loadEntry(keys, named, every)
  local count, values = 0, nil
  for index = 1, #named, every do
    count = count + 1
    fields[count] = toField(named[index])
  end
  -- The rooms of an ordinary step come with the first answer.
  local first = count <= MOST_ARGUMENTS and count or 0
  values = call('HMGET', keys.registers, 'w', 'm', unpack(fields, 1, first))
  if not values[1] then return nil end
  local entry = oneEntry
  local writtenBy, warm, warmBegunAtMs, epoch = unpackValues(values[1])
  local isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications, toldN, toldTotal,
    toldUnreadRooms, toldNotifications = unpackValues(values[2])
  local leases = hasLeases and call('GET', keys.leases)
  if writtenBy ~= runId or warm <= epochNow or (hasLeases and not leases) then
    dropKeys(keys)
    return nil
  end
  entry.keys, entry.rooms, entry.devices = keys, {}, leases and unpackValues(leases) or {}
  entry.warm, entry.warmBegunAtMs, entry.epoch, entry.writtenNumbers = warm, warmBegunAtMs, epoch or 0, values[2]
  entry.isReady, entry.answered, entry.hasLeases = isReady, answered, hasLeases
  entry.n, entry.changedCount = n, changedCount
  entry.total, entry.unreadRooms, entry.notifications = total, unreadRooms, notifications
  entry.toldN, entry.toldTotal = toldN, toldTotal
  entry.toldUnreadRooms, entry.toldNotifications = toldUnreadRooms, toldNotifications
  entry.isUsed, entry.isBegun, entry.isBroken, entry.leasesChanged = false, false, false, false
  reused = 0
  putRooms(entry, fields, first, values, 3)
  if first < count then fetchRooms(entry, { unpack(fields, 1, count) }) end
  return entry
end

local function roomOf(entry, id)
  local field = toField(id)
  local room = entry.rooms[field]
  if not room then
    room = createRoom(field)
    entry.rooms[field] = room
  end
  room.isTouched = true
  return room
end

-- How long the key may stay: until nobody wanted anything of it for the idle time, and at least as long as its leases.
local function ttlMs(entry)
  local untilMs = nowMs
  for _, device in ipairs(entry.devices) do
    untilMs = math.max(untilMs, device[3])
    for index = 2, #device[4], 2 do untilMs = math.max(untilMs, device[4][index]) end
  end
  return digits(untilMs - nowMs + idleTtlMs)
end

local written = {}

local function saveEntry(entry)
  local keys, isAnew, count = entry.keys, isWarmedAgain(entry), 0
  if entry.isBegun or entry.epoch < epochNow then
    entry.epoch = epochNow
    written[1], written[2], count = 'w', packValues(runId, entry.warm, entry.warmBegunAtMs, entry.epoch), 2
  end
  for field, room in pairs(entry.rooms) do
    local value = room and room.isTouched and encodeRoom(room, isAnew)
    if value and value ~= room.written then
      written[count + 1], written[count + 2], count = field, value, count + 2
    end
  end
  entry.hasLeases = #entry.devices > 0
  local ttl = entry.isUsed and ttlMs(entry)
  local numbers = packValues(entry.isReady, entry.answered, entry.hasLeases, entry.n, entry.changedCount,
    entry.total, entry.unreadRooms, entry.notifications, entry.toldN, entry.toldTotal, entry.toldUnreadRooms,
    entry.toldNotifications)
  if numbers ~= entry.writtenNumbers then
    written[count + 1], written[count + 2], count = 'm', numbers, count + 2
  end
  callMany('HSET', keys.registers, written, count)
  if entry.leasesChanged and not entry.hasLeases then call('UNLINK', keys.leases) end
  if entry.leasesChanged and entry.hasLeases then
    local devices = packValues(entry.devices)
    if ttl then call('SET', keys.leases, devices, 'PX', ttl) else call('SET', keys.leases, devices, 'KEEPTTL') end
  end
  if not ttl then return end
  -- Keys that are not there have no time to be given.
  call('PEXPIRE', keys.registers, ttl)
  if entry.changedCount > 0 then call('PEXPIRE', keys.changed, ttl) end
  if entry.hasLeases and not entry.leasesChanged then call('PEXPIRE', keys.leases, ttl) end
end
