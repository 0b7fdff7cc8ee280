-- Sums the badge up anew. Told are the rooms that devices may show otherwise.
local function becomeReady(entry)
  fetchAllRooms(entry)
  local rows, missing, gone = {}, {}, {}
  for field, room in pairs(entry.rooms) do
    if room and isComplete(room) then
      local isNamed = room.pending
      local differs = refreshRoom(entry, room)
      if isNamed or (differs and entry.answered) then putRoom(rows, room) end
    elseif room then
      if room.visible then
        -- Member rows are never deleted: only a database restored to an older state can have lost one.
        countVisible(entry, room.visible, -1)
        room.visible.shown, room.visible.left = 0, true
        putRoom(rows, room)
        room.visible = nil
      end
      entry.touched[room] = room.pending or nil
      if room.pending then table.insert(missing, toId(field)) else table.insert(gone, field) end
    end
  end
  callMany('HDEL', entry.keys.registers, gone)
  local badgeChanged = not entry.answered or saysOtherwise(entry)
  entry.isReady, entry.answered, entry.isUsed = true, true, true
  return answerReady(entry, badgeChanged, rows, missing)
end

local function saveWarming(entry)
  entry.isUsed = true
  redis.call('HSET', entry.keys.registers, 'w', cmsgpack.pack(RUN_ID, entry.warm, entry.warmBegunAtMs))
  saveEntry(entry)
end

local function createEntry(keys, warm)
  dropKeys(keys)
  saveWarming({
    keys = keys, rooms = {}, touched = {}, devices = {}, warm = warm, warmBegunAtMs = nowMs,
    isReady = false, answered = false, n = 0, changedCount = 0, total = 0, unreadRooms = 0, notifications = 0,
    toldN = 0, toldTotal = 0, toldUnreadRooms = 0, toldNotifications = 0,
  })
end

-- The registers go, so that a wrong one goes too; what was answered stays, to be compared, and so do the leases.
local function forgetRegisters(entry)
  for _, room in ipairs(changedAfter(entry, entry.toldN)) do room.pending = true end
  fetchAllRooms(entry)
  for _, room in pairs(entry.rooms) do
    if room then
      room.tally, room.change, room.settled, room.version = UNKNOWN, 0, UNKNOWN, UNKNOWN
      room.left, room.muted, room.archivedAtTally = false, false, UNKNOWN
      entry.touched[room] = true
    end
  end
  redis.call('UNLINK', entry.keys.changed)
  entry.n, entry.toldN, entry.changedCount = 0, 0, 0
end
