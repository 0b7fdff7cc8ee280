-- Adds what was answered about a room to the badge, or takes it out.
local function countVisible(entry, room, sign)
  local shown, seen = room.seenShown, room.seen
  if shown == 0 then return end
  if has(seen, FEED) then
    entry.notifications = entry.notifications + sign * shown
  elseif not has(seen, MUTED) and not has(seen, ARCHIVED) then
    entry.total = entry.total + sign * shown
    entry.unreadRooms = entry.unreadRooms + sign
  end
end

-- Takes a room's last answer out of the badge and puts the present one in. Answers whether they differ.
local function refreshRoom(entry, room)
  room.isTouched = true
  room.pending = false
  local was = room.seen
  if was and has(was, LEFT) and has(room.flags, LEFT) then return false end
  local open = isOpen(entry, room.field)
  if was and isAnsweredAs(room, open) then return false end
  if was then countVisible(entry, room, -1) end
  answerAs(room, open)
  countVisible(entry, room, 1)
  return true
end

-- The list of changes is a key of its own. If Redis took it alone, the whole entry goes.
local function checkChanged(entry)
  if call('ZCARD', entry.keys.changed) ~= entry.changedCount then entry.isBroken = true end
end

-- Answers the rooms that visibly changed, the first one first.
local function settle(entry, affected)
  local n, changed, places = entry.n + 1, {}, {}
  for index = 1, #affected do
    local room = affected[index]
    if isComplete(room) and refreshRoom(entry, room) then
      local place = #changed + 1
      changed[place] = room
      places[2 * place - 1], places[2 * place] = digits(n * PLACES + place), room.field
    end
  end
  if #changed == 0 then return changed end
  entry.n = n
  local isFirst = entry.changedCount == 0
  entry.changedCount = entry.changedCount + callMany('ZADD', entry.keys.changed, places)
  checkChanged(entry)
  if isFirst then
    call('PEXPIRE', entry.keys.changed, digits(call('PTTL', entry.keys.registers)))
  end
  return changed
end

local function changedAfter(entry, n)
  checkChanged(entry)
  local least = digits((n + 1) * PLACES)
  local fields, changed = call('ZREVRANGEBYSCORE', entry.keys.changed, '+inf', least), {}
  fetchRooms(entry, fields)
  for _, field in ipairs(fields) do
    local room = entry.rooms[field]
    if room and room.seen then table.insert(changed, room) end
  end
  return changed
end

local function isUsedUp(entry)
  return entry.isBroken or entry.n >= REVS_PER_WARM
end

local function putRow(rows, room)
  local last = #rows
  rows[last + 1], rows[last + 2], rows[last + 3], rows[last + 4] =
    toId(room.field), room.seen, room.seenShown, room.seenChange
end

-- The outcome of a step; what it tells counts as told. It follows upon the outcome of n = since; -1: upon none.
local function answerReady(entry, since, badgeChanged, rows, missing)
  entry.toldN, entry.toldTotal = entry.n, entry.total
  entry.toldUnreadRooms, entry.toldNotifications = entry.unreadRooms, entry.notifications
  return {
    READY, entry.warm, entry.n, entry.total, entry.unreadRooms, entry.notifications, nodesOf(entry),
    badgeChanged and 1 or 0, rows, missing, since,
  }
end

local function saysOtherwise(entry)
  return entry.total ~= entry.toldTotal or entry.unreadRooms ~= entry.toldUnreadRooms
    or entry.notifications ~= entry.toldNotifications
end

local function missingOf(affected)
  local missing, isNamed = {}, nil
  for index = 1, #affected do
    local room = affected[index]
    if not isComplete(room) then
      isNamed = isNamed or {}
      if not isNamed[room] then missing[#missing + 1] = toId(room.field) end
      isNamed[room] = true
    end
  end
  return missing
end

local function tell(entry, changedNow, nBefore, missing)
  local rows = {}
  if entry.toldN == nBefore then
    for index = #changedNow, 1, -1 do putRow(rows, changedNow[index]) end
  else
    for _, room in ipairs(changedAfter(entry, entry.toldN)) do putRow(rows, room) end
    if isUsedUp(entry) then return { COLD } end
  end
  return answerReady(entry, entry.toldN, saysOtherwise(entry), rows, missing)
end

local function applyStep(entry, updates, changes)
  local affected = changeLeases(entry, changes)
  for at = 1, #updates, VALUES_PER_UPDATE do
    local room = roomOf(entry, updates[at])
    mergeUpdate(room, updates, at)
    room.pending = true
    affected[#affected + 1] = room
  end
  if not entry.isReady then return { WARMING } end
  local nBefore = entry.n
  local changedNow = settle(entry, affected)
  if isUsedUp(entry) then return { COLD } end
  return tell(entry, changedNow, nBefore, missingOf(affected))
end
