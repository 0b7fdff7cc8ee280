local function dropKeys(keys)
  call('UNLINK', keys.registers, keys.changed, keys.leases)
end

-- Whether it answered before the warming under way. That begins without a look at the rooms: the old ones are those that
-- are not marked as written anew.
local function isWarmedAgain(entry)
  return entry.answered and not entry.isReady
end

-- Takes in what HMGET answered; rooms that the key does not hold are `false` from now on.
local function putRooms(entry, fields, values, first)
  local isForgotten = isWarmedAgain(entry)
  for index = 1, #fields do
    local field, value = fields[index], values[first + index - 1]
    entry.rooms[field] = value and decodeRoom(field, value, isForgotten)
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
    putRooms(entry, some, call('HMGET', entry.keys.registers, unpack(some)), 1)
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

-- The user's entry with the rooms named, in every so many values, or nothing if it is cold: absent, of another Redis, or
-- of an older epoch.
local function loadEntry(keys, named, every)
  local fields, first = {}, {}
  for index = 1, #named, every do fields[#fields + 1] = toField(named[index]) end
  -- The rooms of an ordinary step come with the first answer.
  if #fields <= MOST_ARGUMENTS then first = fields end
  local values = call('HMGET', keys.registers, 'w', 'm', unpack(first))
  if not values[1] then return nil end
  local runId, warm, warmBegunAtMs, epoch = unpackValues(values[1])
  local isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications, toldN, toldTotal,
    toldUnreadRooms, toldNotifications = unpackValues(values[2])
  local leases = hasLeases and call('GET', keys.leases)
  if runId ~= RUN_ID or warm <= settings.epoch or (hasLeases and not leases) then
    dropKeys(keys)
    return nil
  end
  local entry = {
    keys = keys, rooms = {}, devices = leases and unpackValues(leases) or {}, writtenNumbers = values[2],
    warm = warm, warmBegunAtMs = warmBegunAtMs, epoch = epoch or 0, isReady = isReady, answered = answered,
    hasLeases = hasLeases, n = n, changedCount = changedCount, total = total, unreadRooms = unreadRooms,
    notifications = notifications, toldN = toldN, toldTotal = toldTotal, toldUnreadRooms = toldUnreadRooms,
    toldNotifications = toldNotifications, isUsed = false, isBegun = false, isBroken = false, leasesChanged = false,
  }
  putRooms(entry, first, values, 3)
  if first ~= fields then fetchRooms(entry, fields) end
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
  return digits(untilMs - nowMs + settings.idleTtlMs)
end

local function saveEntry(entry)
  local keys, written, isAnew = entry.keys, {}, isWarmedAgain(entry)
  if entry.isBegun or entry.epoch < settings.epoch then
    entry.epoch = settings.epoch
    written = { 'w', packValues(RUN_ID, entry.warm, entry.warmBegunAtMs, entry.epoch) }
  end
  for field, room in pairs(entry.rooms) do
    local value = room and room.isTouched and encodeRoom(room, isAnew)
    if value and value ~= room.written then
      local last = #written
      written[last + 1], written[last + 2] = field, value
    end
  end
  entry.hasLeases = #entry.devices > 0
  local numbers = packValues(entry.isReady, entry.answered, entry.hasLeases, entry.n, entry.changedCount,
    entry.total, entry.unreadRooms, entry.notifications, entry.toldN, entry.toldTotal, entry.toldUnreadRooms,
    entry.toldNotifications)
  if numbers ~= entry.writtenNumbers then
    written[#written + 1] = 'm'
    written[#written + 1] = numbers
  end
  callMany('HSET', keys.registers, written)
  if entry.leasesChanged and not entry.hasLeases then call('UNLINK', keys.leases) end
  if entry.leasesChanged and entry.hasLeases then
    call('SET', keys.leases, packValues(entry.devices), 'KEEPTTL')
  end
  if entry.isUsed then
    local ttl = ttlMs(entry)
    call('PEXPIRE', keys.registers, ttl)
    call('PEXPIRE', keys.changed, ttl)
    call('PEXPIRE', keys.leases, ttl)
  end
end
