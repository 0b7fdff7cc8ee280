-- Sums the badge up anew. Told are the rooms that devices may show otherwise.
local function becomeReady(entry)
  fetchAllRooms(entry)
  local rows, missing, gone = {}, {}, {}
  local function tellRoom(room)
    local last = #rows
    rows[last + 1], rows[last + 2], rows[last + 3], rows[last + 4] =
      toId(room.field), room.seen, room.seenShown, room.seenChange
  end
  for field, room in pairs(entry.rooms) do
    if room and isComplete(room) then
      local isNamed = room.pending
      local differs = refreshRoom(entry, room)
      if isNamed or (differs and entry.answered) then tellRoom(room) end
    elseif room then
      if room.seen then
        -- Member rows are never deleted: only a database restored to an older state can have lost one.
        countVisible(entry, room, -1)
        room.seen, room.seenShown = bit.bor(room.seen, LEFT), 0
        tellRoom(room)
        room.seen = nil
      end
      room.isTouched = room.pending
      if room.pending then table.insert(missing, toId(field)) else table.insert(gone, field) end
    end
  end
  callMany('HDEL', registersKey, gone, #gone)
  local badgeChanged = not entry.answered or saysOtherwise(entry)
  entry.isReady, entry.answered, entry.isUsed = true, true, true
  putOutcome(entry, -1, badgeChanged)
  put(#rows / 4)
  for index = 1, #rows do put(rows[index]) end
  putList(missing)
end

local function saveWarming(entry)
  entry.isUsed, entry.isBegun = true, true
  saveEntry(entry)
end

local function createEntry(warm)
  dropKeys()
  saveWarming({
    rooms = {}, devices = {}, warm = warm, warmBegunAtMs = nowMs, epoch = epochNow,
    isReady = false, answered = false, n = 0, changedCount = 0, total = 0, unreadRooms = 0, notifications = 0,
    toldN = 0, toldTotal = 0, toldUnreadRooms = 0, toldNotifications = 0,
  })
end

-- The registers go, so that a wrong one goes too; what was answered stays, to be compared, and so do the leases. Changes
-- that were told to nobody are kept, marked as pending; a warming that takes the place of another drops what that wrote.
local function beginAnew(entry, warm)
  local kept = changedAfter(entry, entry.toldN)
  for _, room in ipairs(kept) do room.pending = true end
  if not entry.isReady then
    fetchAllRooms(entry)
    kept = {}
    for _, room in pairs(entry.rooms) do
      if room then table.insert(kept, room) end
    end
  end
  for _, room in ipairs(kept) do
    forgetRegisters(room)
    room.isTouched = true
  end
  call('UNLINK', changedKey)
  entry.n, entry.toldN, entry.changedCount = 0, 0, 0
  entry.isReady, entry.warm, entry.warmBegunAtMs = false, warm, nowMs
  saveWarming(entry)
end
