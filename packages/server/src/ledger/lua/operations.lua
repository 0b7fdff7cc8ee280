local BEGUN, BUSY, NOTHING_TO_DO = 0, 1, 2
local OUTDATED = -1

-- Each gets the user's entry, if it is not cold, and what is asked of it.
local operations = {}
-- Which part of that names the rooms to be read with it, in every so many values.
local roomsIn = { apply = 1, read = 1, finish = 3 }
local everyIn = { apply = VALUES_PER_UPDATE, read = 1, finish = VALUES_PER_UPDATE }

-- { warm, force }
function operations.begin(entry, request, keys)
  local warm, force = request[1], request[2]
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
function operations.finish(entry, request)
  local warm, isLast, registers = request[1], request[2], request[3]
  if not entry then return { COLD } end
  if entry.warm ~= warm then return answerOf(entry, applyStep(entry, {})) end
  if entry.isReady then return answerOf(entry, applyStep(entry, registers)) end
  changeLeases(entry)
  for at = 1, #registers, VALUES_PER_UPDATE do mergeUpdate(roomOf(entry, registers[at]), registers, at) end
  return answerOf(entry, isLast and becomeReady(entry) or { WARMING })
end

-- { updates, lease changes if there are any }
function operations.apply(entry, request)
  if not entry then return { COLD } end
  return answerOf(entry, applyStep(entry, request[1], request[2]))
end

-- { { room, … }, since or -1 }
function operations.read(entry, request)
  if not entry then return { COLD } end
  entry.isUsed = true
  local affected = changeLeases(entry)
  if not entry.isReady then return answerOf(entry, { WARMING }) end
  settle(entry, affected)
  local rows, changed, opens, seen = {}, false, {}, {}
  for _, id in ipairs(request[1]) do
    local room = entry.rooms[toField(id)]
    if room and room.seen then
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
function operations.count(entry)
  if not entry then return { 0, 0 } end
  local leases = 0
  for _, device in ipairs(entry.devices) do leases = leases + 1 + #device[4] / 2 end
  return { call('HLEN', entry.keys.registers) - 2, leases }
end

-- Nothing is done for a node that knows an older epoch than the key: what it says may have waited in a Redis that hung,
-- or on the way, while the node gave it up and the key was made anew. A lease put by it would hide what is unread.
local function answerTo(keys, request)
  local operation = settings.operation
  local entry = loadEntry(keys, request[roomsIn[operation]] or {}, everyIn[operation] or 1)
  if entry and entry.epoch > settings.epoch then return { OUTDATED, entry.epoch } end
  return operations[operation](entry, request, keys)
end

-- Whether a step failed for its keys, and not for a Redis that takes no writes just now. Only Redis' errors have codes.
local function isAboutKeys(failure)
  local code = string.match(failure, '^(%u+) ')
  return code == nil or code == 'WRONGTYPE'
end

-- Keys that cannot be read, or are of another type, are thrown away: this user is cold then, and nobody else is concerned.
local function answerOrDrop(keys, request)
  local isDone, answer = pcall(answerTo, keys, request)
  if isDone then return answer end
  -- Which of the two it is depends on the version.
  local failure = type(answer) == 'table' and answer.err or answer
  if not isAboutKeys(failure) then error({ err = failure }) end
  dropKeys(keys)
  return answerTo(keys, request)
end

local whichText, texts, answers, keys = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), {}, {}
for user = 1, #whichText do
  keys.registers, keys.changed, keys.leases = KEYS[user * 3 - 2], KEYS[user * 3 - 1], KEYS[user * 3]
  answers[user] = answerOrDrop(keys, texts[whichText[user]])
end
return answers
