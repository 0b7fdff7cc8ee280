-- Adds what was answered about a room to the badge, or takes it out.
local function countVisible(entry, room, sign)
  local shown, seen = room.seenShown, room.seen
  if shown == 0 then return end
  if has(seen, FEED) then
    entry.notifications = entry.notifications + sign * shown
  elseif not has(seen, MUTED + ARCHIVED) then
    entry.total = entry.total + sign * shown
    entry.unreadRooms = entry.unreadRooms + sign
  end
end

-- Takes a room's last answer out of the badge and puts the present one in. Answers whether they differ.
local function refreshRoom(entry, room)
  room.isTouched, room.pending = true, false
  local was, seen = room.seen, visibleFlagsOf(room)
  if was and has(was, LEFT) and has(room.flags, LEFT) then return false end
  local shown = shownOf(room, isOpen(entry, room.field))
  if was == seen and room.seenShown == shown and room.seenChange == room.change then return false end
  if was then countVisible(entry, room, -1) end
  room.seen, room.seenShown, room.seenChange = seen, shown, room.change
  countVisible(entry, room, 1)
  return true
end

-- The list of changes is a key of its own. If Redis took it alone, the whole entry goes.
local function checkChanged(entry)
  if call('ZCARD', changedKey) ~= entry.changedCount then entry.isBroken = true end
end

-- Of the step under way.
local changedNow, places = {}, {}

-- Finds those of the first so many affected rooms that visibly changed, the first one first. Answers how many, and whether
-- the key knows all of them whole.
local function settle(entry, affectedCount)
  local n, changed, isWhole = entry.n + 1, 0, true
  for index = 1, affectedCount do
    local room = affected[index]
    if not isComplete(room) then
      isWhole = false
    elseif refreshRoom(entry, room) then
      changed = changed + 1
      changedNow[changed] = room
      places[2 * changed - 1], places[2 * changed] = n * PLACES + changed, room.field
    end
  end
  if changed == 0 then return 0, isWhole end
  entry.n = n
  local isFirst = entry.changedCount == 0
  local added = callMany('ZADD', changedKey, places, 2 * changed)
  entry.changedCount = entry.changedCount + added
  -- Where none was new, the list was there.
  if added > 0 then checkChanged(entry) end
  if isFirst then call('PEXPIRE', changedKey, digits(call('PTTL', registersKey))) end
  return changed, isWhole
end

local function changedAfter(entry, n)
  checkChanged(entry)
  local named, changed = call('ZREVRANGEBYSCORE', changedKey, '+inf', (n + 1) * PLACES), {}
  fetchRooms(entry, named)
  for _, field in ipairs(named) do
    local room = entry.rooms[field]
    if room and room.seen then changed[#changed + 1] = room end
  end
  return changed
end

local function isUsedUp(entry)
  return entry.isBroken or entry.n >= REVS_PER_WARM
end

local function saysOtherwise(entry)
  return entry.total ~= entry.toldTotal or entry.unreadRooms ~= entry.toldUnreadRooms
    or entry.notifications ~= entry.toldNotifications
end

-- What begins the outcome of a step; what it tells counts as told. It follows upon the outcome of n = since; -1: upon none.
local function putOutcome(entry, since, badgeChanged)
  putBadge(entry)
  put(badgeChanged and 1 or 0)
  put(since)
  entry.toldN, entry.toldTotal = entry.n, entry.total
  entry.toldUnreadRooms, entry.toldNotifications = entry.unreadRooms, entry.notifications
end

-- Those of the first so many affected rooms that the key knows only in part.
local function putMissing(affectedCount)
  local at, named = outCount + 1, {}
  outCount = at
  for index = 1, affectedCount do
    local room = affected[index]
    if not isComplete(room) then
      if not named[room] then put(toId(room.field)) end
      named[room] = true
    end
  end
  out[at] = outCount - at
end

-- Answers whether the entry is to be kept: it is not when it is used up.
local function applyStep(entry, updates, changes)
  local count = changeLeases(entry, changes)
  for at = 1, #updates, VALUES_PER_UPDATE do
    local room = roomOf(entry, updates[at])
    mergeUpdate(room, updates, at)
    room.pending = true
    count = count + 1
    affected[count] = room
  end
  if not entry.isReady then
    put(WARMING)
    return true
  end
  local nBefore, toldN = entry.n, entry.toldN
  local changed, isWhole = settle(entry, count)
  local untold = toldN ~= nBefore and changedAfter(entry, toldN)
  if isUsedUp(entry) then
    put(COLD)
    return false
  end
  putOutcome(entry, toldN, saysOtherwise(entry))
  if untold then putRows(untold, 1, #untold, 1) else putRows(changedNow, changed, 1, -1) end
  if isWhole then put(0) else putMissing(count) end
  return true
end
