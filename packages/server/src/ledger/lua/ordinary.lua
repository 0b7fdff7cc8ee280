-- What nearly every message asks for: to merge one room in which nothing is special, for somebody who is ready, was told
-- everything and has no room open. It is the rule of the other chapters, on plain values: to put them into tables and to
-- take them out again costs several times as much.

-- Of a room: id, tally, change, settled, version.
local MOST_ORDINARY_VALUES = 5
-- In the place of a state: what follows is short, because whoever asked knows the room.
local ORDINARY = 3

-- Answers whether it was such a step. If not, nothing was done.
local function applyOrdinary(values, updates, changes)
  if changes or not values[3] or #updates > MOST_ORDINARY_VALUES then return false end
  local isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications, toldN, toldTotal,
    toldUnreadRooms, toldNotifications, lapsesAtMs, node = unpackValues(values[2])
  if not isReady or toldN ~= n or changedCount == 0 or n + 1 >= REVS_PER_WARM then return false end
  if hasLeases and not (lapsesAtMs and lapsesAtMs > nowMs) then return false end
  local writtenBy, warm, _, epoch = unpackValues(values[1])
  if writtenBy ~= runId or warm <= epochNow or epoch ~= epochNow then return false end
  local tally, rise, unread, version, bits = unpackValues(values[3])
  if bits then return false end

  local _, newTally, newChange, newSettled, newVersion = unpack(updates)
  local change, settled, shownBefore = tally + rise, tally - unread, unread > 0 and unread or 0
  local isVisible = newChange > change
  if newTally > tally then tally = newTally end
  if isVisible then change = newChange end
  if newVersion and newVersion > version then settled, version = newSettled, newVersion end
  unread = tally - settled
  local shown = unread > 0 and unread or 0
  if shown ~= shownBefore then
    isVisible, total = true, total - shownBefore + shown
    if shownBefore > 0 then unreadRooms = unreadRooms - 1 end
    if shown > 0 then unreadRooms = unreadRooms + 1 end
  end

  local field = fields[1]
  if isVisible then
    n = n + 1
    if call('ZADD', changedKey, n * PLACES + 1, field) > 0 then
      changedCount = changedCount + 1
      -- As in `checkChanged`.
      if call('ZCARD', changedKey) ~= changedCount then
        dropKeys()
        put(COLD)
        return true
      end
    end
  end
  local isToldAnew = total ~= toldTotal or unreadRooms ~= toldUnreadRooms or notifications ~= toldNotifications
  local value = packValues(tally, change - tally, unread, version)
  if isToldAnew or value ~= values[3] then
    local numbers
    if lapsesAtMs then
      numbers = packValues(isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications,
        n, total, unreadRooms, notifications, lapsesAtMs, node)
    end
    -- As in `saveEntry`: without what it knows of the leases where that would be too long.
    if not numbers or #numbers > LONGEST_VALUE then
      numbers = packValues(isReady, answered, hasLeases, n, changedCount, total, unreadRooms, notifications,
        n, total, unreadRooms, notifications)
    end
    call('HSET', registersKey, field, value, 'm', numbers)
  end

  local at = outCount
  out[at + 1], out[at + 2], out[at + 3], out[at + 4], out[at + 5] = ORDINARY, warm, n, total, unreadRooms
  out[at + 6], out[at + 7], out[at + 8] = notifications, node or '', isToldAnew and 1 or 0
  out[at + 9], out[at + 10], out[at + 11] = n - toldN, shown, change
  outCount = at + 11
  return true
end
