local BEGUN, BUSY, NOTHING_TO_DO = 0, 1, 2

local operations = {}

-- { warm, force }
function operations.begin(keys, request)
  local warm, force = request[1], request[2]
  local entry = loadEntry(keys, {})
  if not entry then
    createEntry(keys, warm)
    return BEGUN
  end
  if entry.isReady and (not force or warm == entry.warm) then return NOTHING_TO_DO end
  if warm == entry.warm then return BEGUN end
  local isUnderWay = not entry.isReady and nowMs - entry.warmBegunAtMs < settings.warmTakeoverMs
  if isUnderWay or warm < entry.warm then return BUSY end
  beginAnew(entry, warm)
  return BEGUN
end

local function answerOf(entry, answer)
  if answer[1] == COLD then dropKeys(entry.keys) else saveEntry(entry) end
  return answer
end

-- { warm, whether this is the last part of the snapshot, registers }
function operations.finish(keys, request)
  local warm, isLast, registers = request[1], request[2], request[3]
  local entry = loadEntry(keys, registers)
  if not entry then return { COLD } end
  if entry.warm ~= warm then return answerOf(entry, applyStep(entry, {})) end
  if entry.isReady then return answerOf(entry, applyStep(entry, registers)) end
  changeLeases(entry)
  for _, register in ipairs(registers) do mergeUpdate(roomOf(entry, register[1]), register) end
  return answerOf(entry, isLast and becomeReady(entry) or { WARMING })
end

-- { updates, lease changes }
function operations.apply(keys, request)
  local entry = loadEntry(keys, request[1])
  if not entry then return { COLD } end
  return answerOf(entry, applyStep(entry, request[1], request[2]))
end

-- { { { room }, … }, since or -1 }
function operations.read(keys, request)
  local entry = loadEntry(keys, request[1])
  if not entry then return { COLD } end
  entry.isUsed = true
  local affected = changeLeases(entry)
  if not entry.isReady then return answerOf(entry, { WARMING }) end
  settle(entry, affected)
  local rows, changed, opens, seen = {}, false, {}, {}
  for _, name in ipairs(request[1]) do
    local room = entry.rooms[toField(name[1])]
    if room and room.visible then
      putRow(rows, room)
      table.insert(rows, unreadOf(room))
      table.insert(rows, isOpen(entry, room.field) and 1 or 0)
    end
  end
  local since = request[2] - entry.warm * REVS_PER_WARM
  if since >= 0 and since <= entry.n then
    changed = {}
    for _, room in ipairs(changedAfter(entry, since)) do putRow(changed, room) end
  end
  for _, device in ipairs(entry.devices) do
    for _, field in ipairs(opensOf(device)) do
      if not seen[field] then table.insert(opens, toId(field)) end
      seen[field] = true
    end
  end
  if isUsedUp(entry) then return answerOf(entry, { COLD }) end
  return answerOf(entry, {
    READY, entry.warm, entry.n, entry.total, entry.unreadRooms, entry.notifications, nodesOf(entry),
    rows, changed, opens,
  })
end

-- How many rooms and leases the user's keys hold.
function operations.count(keys)
  local entry = loadEntry(keys, {})
  if not entry then return { 0, 0 } end
  local leases = 0
  for _, device in ipairs(entry.devices) do leases = leases + 1 + #device[4] / 2 end
  return { redis.call('HLEN', keys.registers) - 2, leases }
end

local whichText, texts, answers = cjson.decode(ARGV[2]), {}, {}
for index = 3, #ARGV do texts[index - 2] = cjson.decode(ARGV[index]) end
for user, which in ipairs(whichText) do
  local keys = { registers = KEYS[user * 3 - 2], changed = KEYS[user * 3 - 1], leases = KEYS[user * 3] }
  answers[user] = operations[settings.operation](keys, texts[which])
end
return answers
