local function dropKeys()
  call('UNLINK', registersKey, changedKey, leasesKey)
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
    putRooms(entry, some, #some, call('HMGET', registersKey, unpack(some)), 1)
  end
end

local function fetchAllRooms(entry)
  local all, isForgotten = call('HGETALL', registersKey), isWarmedAgain(entry)
  for index = 1, #all, 2 do
    local field = all[index]
    if #field > 1 and not entry.rooms[field] then
      entry.rooms[field] = decodeRoom(field, all[index + 1], isForgotten)
    end
  end
end

-- Every user's in turn.
local oneEntry, fields = {}, {}
local NO_DEVICES = {}

-- What the key holds of the warming, the numbers, and the rooms named, in every so many values; and how many those are.
-- Rooms of which there are very many are left away.
local function readRegisters(named, every)
  local count = 0
  for index = 1, #named, every do
    count = count + 1
    fields[count] = toField(named[index])
  end
  return call('HMGET', registersKey, 'w', 'm', unpack(fields, 1, count <= MOST_ARGUMENTS and count or 0)), count
end

-- The user's entry with these rooms, or nothing if it is cold: absent, of another Redis, or of an older epoch. Where nobody
-- `needsDevices` the leases themselves are read only if one of them may have lapsed, or a room is open.
local function loadEntry(values, count, needsDevices)
  if not values[1] then return nil end
  local entry = oneEntry
  local writtenBy, warm, warmBegunAtMs, epoch = unpackValues(values[1])
  local isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications, toldN, toldTotal,
    toldUnreadRooms, toldNotifications, lapsesAtMs, node = unpackValues(values[2])
  local devices, isWhole = needsDevices and {} or NO_DEVICES, true
  if hasLeases and (needsDevices or not lapsesAtMs or lapsesAtMs <= nowMs) then
    local leases = call('GET', leasesKey)
    devices, isWhole, lapsesAtMs, node = leases and unpackValues(leases), leases, nil, nil
  end
  if writtenBy ~= runId or warm <= epochNow or not isWhole then
    dropKeys()
    return nil
  end
  entry.rooms, entry.devices, entry.lapsesAtMs, entry.node = {}, devices, lapsesAtMs, node
  entry.warm, entry.warmBegunAtMs, entry.epoch, entry.writtenNumbers = warm, warmBegunAtMs, epoch or 0, values[2]
  entry.isReady, entry.answered, entry.hasLeases = isReady, answered, hasLeases
  entry.n, entry.changedCount = n, changedCount
  entry.total, entry.unreadRooms, entry.notifications = total, unreadRooms, notifications
  entry.toldN, entry.toldTotal = toldN, toldTotal
  entry.toldUnreadRooms, entry.toldNotifications = toldUnreadRooms, toldNotifications
  entry.isUsed, entry.isBegun, entry.isBroken, entry.leasesChanged = false, false, false, false
  reused = 0
  if count <= MOST_ARGUMENTS then
    putRooms(entry, fields, count, values, 3)
  else
    fetchRooms(entry, { unpack(fields, 1, count) })
  end
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

-- What most steps need to know of the leases: until when none of them lapses, and the one node. Nothing where there are
-- several nodes, or a room is open.
local function summaryOfLeases(entry)
  local devices, lapsesAtMs, node = entry.devices, entry.lapsesAtMs, entry.node
  for index = 1, #devices do
    local device = devices[index]
    if #device[4] > 0 or (node and node ~= device[2]) then return end
    node = device[2]
    if not lapsesAtMs or device[3] < lapsesAtMs then lapsesAtMs = device[3] end
  end
  if node then return lapsesAtMs, node end
end

-- A hash with a longer value takes three times the memory.
local LONGEST_VALUE = 64

-- The summary of the leases is what follows upon the first twelve. Versions before there was one read only those, and write
-- no more: where they changed leases there is no summary.
local function packNumbers(entry, ...)
  return packValues(entry.isReady, entry.answered, entry.hasLeases, entry.n, entry.changedCount,
    entry.total, entry.unreadRooms, entry.notifications, entry.toldN, entry.toldTotal, entry.toldUnreadRooms,
    entry.toldNotifications, ...)
end

-- When the last of the leases lapses; now if there are none.
local function heldUntilMs(entry)
  local untilMs = nowMs
  for _, device in ipairs(entry.devices) do
    untilMs = math.max(untilMs, device[3])
    for index = 2, #device[4], 2 do untilMs = math.max(untilMs, device[4][index]) end
  end
  return untilMs
end

-- How long the keys may stay: until nobody wanted anything of them for the idle time, and at least as long as the leases.
-- Those gave them that much when they were put.
local function saveLeases(entry)
  local untilMs, isChanged, hasLeases = heldUntilMs(entry), entry.leasesChanged, entry.hasLeases
  local ttl = entry.isUsed and (isChanged or untilMs == nowMs) and digits(untilMs - nowMs + idleTtlMs)
  if isChanged and not hasLeases then call('UNLINK', leasesKey) end
  if isChanged and hasLeases then
    local devices = packValues(entry.devices)
    if ttl then call('SET', leasesKey, devices, 'PX', ttl) else call('SET', leasesKey, devices, 'KEEPTTL') end
  end
  if not ttl then return end
  -- Keys that are not there have no time to be given.
  call('PEXPIRE', registersKey, ttl)
  if entry.changedCount > 0 then call('PEXPIRE', changedKey, ttl) end
end

local written = {}

local function saveEntry(entry)
  local isAnew, hasSummary, count = isWarmedAgain(entry), entry.lapsesAtMs, 0
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
  if not hasSummary then entry.hasLeases = #entry.devices > 0 end
  local numbers = packNumbers(entry, summaryOfLeases(entry))
  if #numbers > LONGEST_VALUE then numbers = packNumbers(entry) end
  if numbers ~= entry.writtenNumbers then
    written[count + 1], written[count + 2], count = 'm', numbers, count + 2
  end
  callMany('HSET', registersKey, written, count)
  if not hasSummary and (entry.isUsed or entry.leasesChanged) then saveLeases(entry) end
end
