local function countVisible(entry, visible, sign)
  if visible.shown == 0 then return end
  if visible.feed then
    entry.notifications = entry.notifications + sign * visible.shown
  elseif not visible.muted and not visible.archived then
    entry.total = entry.total + sign * visible.shown
    entry.unreadRooms = entry.unreadRooms + sign
  end
end

-- Takes a room's last answer out of the badge and puts the present one in. Answers whether they differ.
local function refreshRoom(entry, room)
  entry.touched[room] = true
  room.pending = false
  local was = room.visible
  if was and was.left and room.left then return false end
  local now = visibleOf(room, isOpen(entry, room.field))
  if was and looksTheSame(was, now) then return false end
  if was then countVisible(entry, was, -1) end
  countVisible(entry, now, 1)
  room.visible = now
  return true
end

-- The list of changes is a key of its own. If Redis took it alone, the whole entry goes.
local function checkChanged(entry)
  if call('ZCARD', entry.keys.changed) ~= entry.changedCount then entry.isBroken = true end
end

-- Answers the rooms that visibly changed, the first one first.
local function settle(entry, affected)
  local n, changed, places = entry.n + 1, {}, {}
  for _, room in ipairs(affected) do
    if isComplete(room) and refreshRoom(entry, room) then
      changed[#changed + 1] = room
      places[2 * #changed - 1], places[2 * #changed] = digits(n * PLACES + #changed), room.field
      entry.n = n
    end
  end
  if #changed == 0 then return changed end
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
    if room and room.visible then table.insert(changed, room) end
  end
  return changed
end

local function isUsedUp(entry)
  return entry.isBroken or entry.n >= REVS_PER_WARM
end

local function putRow(rows, room)
  local visible, last = room.visible, #rows
  rows[last + 1], rows[last + 2], rows[last + 3], rows[last + 4] =
    toId(room.field), seenOf(visible), visible.shown, visible.change
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
  local missing, seen = {}, {}
  for _, room in ipairs(affected) do
    if not isComplete(room) and not seen[room] then
      seen[room] = true
      table.insert(missing, toId(room.field))
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
  for _, update in ipairs(updates) do
    local room = roomOf(entry, update[1])
    mergeUpdate(room, update)
    room.pending = true
    table.insert(affected, room)
  end
  if not entry.isReady then return { WARMING } end
  local nBefore = entry.n
  local changedNow = settle(entry, affected)
  if isUsedUp(entry) then return { COLD } end
  return tell(entry, changedNow, nBefore, missingOf(affected))
end
