-- A room holds its registers (`flags` are those of the member's row) and what was last answered about it: `seen` (flags,
-- nil if nothing was), `seenShown`, `seenChange`. In numbers throughout: a table for each of these is made for every step.

local function isComplete(room)
  return room.tally ~= UNKNOWN and room.version ~= UNKNOWN
end

local function has(flags, flag)
  return flags ~= 0 and band(flags, flag) ~= 0
end

local function unreadOf(room)
  return room.tally > room.settled and room.tally - room.settled or 0
end

local function shownOf(room, open)
  return (open or has(room.flags, LEFT)) and 0 or unreadOf(room)
end

-- The flags one can see: an archived room is not any more as soon as its tally has risen.
local function visibleFlagsOf(room)
  local archivedAtTally = room.archivedAtTally
  local isArchived = archivedAtTally ~= UNKNOWN and archivedAtTally >= room.tally
  return isArchived and room.flags + ARCHIVED or room.flags
end

local function answerAs(room, open)
  room.seen, room.seenShown, room.seenChange = visibleFlagsOf(room), shownOf(room, open), room.change
end

-- Whether that is what was last answered.
local function isAnsweredAs(room, open)
  return room.seenShown == shownOf(room, open) and room.seenChange == room.change
    and room.seen == visibleFlagsOf(room)
end

local function createRoom(field)
  return {
    field = field, tally = UNKNOWN, change = 0, settled = UNKNOWN, version = UNKNOWN, flags = 0,
    archivedAtTally = UNKNOWN, pending = false, isTouched = false,
  }
end

-- Forgets the registers but not what was answered: a fresh snapshot will be compared with that.
local function forgetRegisters(room)
  room.tally, room.change, room.settled, room.version = UNKNOWN, 0, UNKNOWN, UNKNOWN
  room.flags, room.archivedAtTally = band(room.flags, FEED), UNKNOWN
end

-- Differences are small numbers, and small numbers take one byte; what an ordinary room has nothing of is not written.
local function encodeRoom(room, isAnew)
  local bits, answer = room.flags, OTHERWISE
  if isAnew then bits = bits + ANEW end
  if room.archivedAtTally ~= UNKNOWN then bits = bits + ARCHIVED end
  if room.pending then bits = bits + PENDING end
  if not room.seen then
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
    room.seen, room.seenShown, room.seenChange)
end

local function decodeRoom(field, value, isForgotten)
  local tally, change, settled, version, bits, archivedAtTally, seen, seenShown, seenChange = unpackValues(value)
  bits = bits or 0
  -- All in one: a table that grows field by field is made anew again and again.
  local room = {
    field = field, written = value, tally = tally, change = tally + change, settled = tally - settled,
    version = version, flags = band(bits, FEED + LEFT + MUTED), archivedAtTally = archivedAtTally or UNKNOWN,
    pending = has(bits, PENDING), isTouched = false, seen = seen, seenShown = seenShown, seenChange = seenChange,
  }
  local answer = band(bits, OTHERWISE)
  if answer ~= OTHERWISE and answer ~= NEVER then answerAs(room, answer == AS_OPEN) end
  if isForgotten and not has(bits, ANEW) then forgetRegisters(room) end
  return room
end

-- Updates lie one behind the other: id, tally, change, settled, version, flags, archivedAtTally; -1 for what is not told.
local VALUES_PER_UPDATE = 7

local function mergeUpdate(room, updates, at)
  room.tally = math.max(room.tally, updates[at + 1])
  room.change = math.max(room.change, updates[at + 2])
  local version = updates[at + 4]
  if version <= room.version then return end
  room.settled, room.version = updates[at + 3], version
  room.flags, room.archivedAtTally = updates[at + 5], updates[at + 6]
end
