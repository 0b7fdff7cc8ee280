-- A room holds its registers (`flags` are those of the member's row) and what was last answered about it: `seen` (flags,
-- nil if nothing was), `seenShown`, `seenChange`.

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

-- The rooms of an ordinary step.
local MOST_REUSED = 64
local reusable, reused = {}, 0

-- A room that is to be filled in. It is the user's until `reused` is 0 again.
local function newRoom()
  reused = reused + 1
  local room = reusable[reused]
  if room then return room end
  -- All in one: a table that grows field by field is made anew again and again.
  room = {
    field = '', written = false, tally = 0, change = 0, settled = 0, version = 0, flags = 0, archivedAtTally = 0,
    pending = false, isTouched = false, seen = 0, seenShown = 0, seenChange = 0,
  }
  if reused <= MOST_REUSED then reusable[reused] = room end
  return room
end

local function createRoom(field)
  local room = newRoom()
  room.field, room.written, room.pending, room.isTouched = field, nil, false, false
  room.tally, room.change, room.settled, room.version = UNKNOWN, 0, UNKNOWN, UNKNOWN
  room.flags, room.archivedAtTally = 0, UNKNOWN
  room.seen, room.seenShown, room.seenChange = nil, nil, nil
  return room
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
  elseif room.seenChange == room.change and room.seen == visibleFlagsOf(room) then
    if room.seenShown == shownOf(room, false) then
      answer = AS_CLOSED
    elseif room.seenShown == 0 then
      answer = AS_OPEN
    end
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
  local room = newRoom()
  local tally, change, settled, version, bits, archivedAtTally, seen, seenShown, seenChange = unpackValues(value)
  bits = bits or 0
  room.field, room.written, room.pending, room.isTouched = field, value, has(bits, PENDING), false
  room.tally, room.change, room.settled, room.version = tally, tally + change, tally - settled, version
  room.flags, room.archivedAtTally = band(bits, FEED + LEFT + MUTED), archivedAtTally or UNKNOWN
  room.seen, room.seenShown, room.seenChange = seen, seenShown, seenChange
  local answer = band(bits, OTHERWISE)
  if answer == AS_CLOSED or answer == AS_OPEN then
    room.seen, room.seenShown, room.seenChange = visibleFlagsOf(room), shownOf(room, answer == AS_OPEN), room.change
  end
  if isForgotten and not has(bits, ANEW) then forgetRegisters(room) end
  return room
end

-- Updates lie one behind the other: id, tally, change, settled, version, flags, archivedAtTally; -1 for what is not told.
-- The last one ends where nothing but -1, or flags of 0, would follow.
local VALUES_PER_UPDATE = 7

local function mergeUpdate(room, updates, at)
  local tally, change, version = updates[at + 1], updates[at + 2], updates[at + 4] or UNKNOWN
  if tally > room.tally then room.tally = tally end
  if change > room.change then room.change = change end
  if version <= room.version then return end
  room.settled, room.version = updates[at + 3], version
  room.flags, room.archivedAtTally = updates[at + 5] or 0, updates[at + 6] or UNKNOWN
end
