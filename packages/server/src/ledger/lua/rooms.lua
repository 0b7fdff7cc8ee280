local function isComplete(room)
  return room.tally ~= UNKNOWN and room.version ~= UNKNOWN
end

local function unreadOf(room)
  return room.tally > room.settled and room.tally - room.settled or 0
end

local function shownOf(room, open)
  return (room.left or open) and 0 or unreadOf(room)
end

local function isArchived(room)
  return room.archivedAtTally ~= UNKNOWN and room.archivedAtTally >= room.tally
end

local function visibleOf(room, open)
  return {
    shown = shownOf(room, open), change = room.change, feed = room.feed, muted = room.muted, left = room.left,
    archived = isArchived(room),
  }
end

local function looksTheSame(a, b)
  return a.shown == b.shown and a.change == b.change and a.left == b.left and a.muted == b.muted
    and a.archived == b.archived
end

local function flagsOf(of)
  return (of.feed and FEED or 0) + (of.left and LEFT or 0) + (of.muted and MUTED or 0)
end

local function seenOf(visible)
  return flagsOf(visible) + (visible.archived and ARCHIVED or 0)
end

local function createRoom(field)
  return {
    field = field, tally = UNKNOWN, change = 0, settled = UNKNOWN, version = UNKNOWN,
    feed = false, left = false, muted = false, archivedAtTally = UNKNOWN, pending = false,
  }
end

-- Forgets the registers but not what was answered: a fresh snapshot will be compared with that.
local function forgetRegisters(room)
  room.tally, room.change, room.settled, room.version = UNKNOWN, 0, UNKNOWN, UNKNOWN
  room.left, room.muted, room.archivedAtTally = false, false, UNKNOWN
end

-- Whether that is what was last answered: `visibleOf` and a comparison, without making anything.
local function isAnsweredAs(room, open)
  local visible = room.visible
  return visible.shown == shownOf(room, open) and visible.change == room.change and visible.left == room.left
    and visible.muted == room.muted and visible.feed == room.feed and visible.archived == isArchived(room)
end

-- Differences are small numbers, and small numbers take one byte; what an ordinary room has nothing of is not written.
local function encodeRoom(room, isAnew)
  local bits = flagsOf(room) + (isAnew and ANEW or 0)
  if room.archivedAtTally ~= UNKNOWN then bits = bits + ARCHIVED end
  if room.pending then bits = bits + PENDING end
  local visible, answer = room.visible, OTHERWISE
  if not visible then
    answer = NEVER
  elseif isAnsweredAs(room, false) then
    answer = AS_CLOSED
  elseif isAnsweredAs(room, true) then
    answer = AS_OPEN
  end
  bits = bits + answer
  local tally, change, settled = room.tally, room.change - room.tally, room.tally - room.settled
  if bits == 0 then return packValues(tally, change, settled, room.version) end
  if answer ~= OTHERWISE then
    return packValues(tally, change, settled, room.version, bits, room.archivedAtTally)
  end
  return packValues(tally, change, settled, room.version, bits, room.archivedAtTally,
    seenOf(visible), visible.shown, visible.change)
end

local function decodeRoom(field, value, isForgotten)
  local tally, change, settled, version, bits, archivedAtTally, seen, shown, seenChange = unpackValues(value)
  bits = bits or 0
  local room = {
    field = field, written = value,
    tally = tally, change = tally + change, settled = tally - settled, version = version,
    feed = band(bits, FEED) ~= 0, left = band(bits, LEFT) ~= 0, muted = band(bits, MUTED) ~= 0,
    visible = false, archivedAtTally = archivedAtTally or UNKNOWN, pending = band(bits, PENDING) ~= 0,
  }
  local answer = band(bits, OTHERWISE)
  if answer == OTHERWISE then
    room.visible = {
      shown = shown, change = seenChange, feed = band(seen, FEED) ~= 0, left = band(seen, LEFT) ~= 0,
      muted = band(seen, MUTED) ~= 0, archived = band(seen, ARCHIVED) ~= 0,
    }
  elseif answer ~= NEVER then
    room.visible = visibleOf(room, answer == AS_OPEN)
  end
  if isForgotten and band(bits, ANEW) == 0 then forgetRegisters(room) end
  return room
end

-- { id, tally, change, settled, version, flags, archivedAtTally }; the last four only if the member's row is told.
local function mergeUpdate(room, update)
  room.tally = math.max(room.tally, update[2])
  room.change = math.max(room.change, update[3])
  if not update[4] or update[5] <= room.version then return end
  room.settled, room.version, room.archivedAtTally = update[4], update[5], update[7]
  room.feed, room.left = band(update[6], FEED) ~= 0, band(update[6], LEFT) ~= 0
  room.muted = band(update[6], MUTED) ~= 0
end
