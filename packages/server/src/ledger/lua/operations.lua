local BEGUN, BUSY, NOTHING_TO_DO = 0, 1, 2
local OUTDATED = -1

-- Each gets the user's entry, if it is not cold, and what is asked of it.
local operations = {}
-- Which part of that names the rooms to be read with it, in every so many values.
local roomsIn = { apply = 1, read = 1, finish = 3 }
local everyIn = { apply = VALUES_PER_UPDATE, read = 1, finish = VALUES_PER_UPDATE }
local NO_ROOMS = {}

-- { warm, force }
function operations.begin(entry, request)
  local warm, force = request[1], request[2]
  if not entry then
    createEntry(warm)
    return put(BEGUN)
  end
  if entry.isReady and (not force or warm == entry.warm) then return put(NOTHING_TO_DO) end
  if warm == entry.warm then return put(BEGUN) end
  local isUnderWay = not entry.isReady and nowMs - entry.warmBegunAtMs < WARM_TAKEOVER_MS
  if isUnderWay or warm < entry.warm then return put(BUSY) end
  beginAnew(entry, warm)
  put(BEGUN)
end

local function keep(entry, isKept)
  if isKept then saveEntry(entry) else dropKeys() end
end

-- { warm, whether this is the last part of the snapshot, registers, lease changes if there are any }
function operations.finish(entry, request)
  local warm, isLast, registers, changes = request[1], request[2], request[3], request[4]
  if not entry then return put(COLD) end
  if entry.warm ~= warm then return keep(entry, applyStep(entry, NO_ROOMS, changes)) end
  if entry.isReady then return keep(entry, applyStep(entry, registers, changes)) end
  changeLeases(entry, changes)
  for at = 1, #registers, VALUES_PER_UPDATE do mergeUpdate(roomOf(entry, registers[at]), registers, at) end
  if isLast then becomeReady(entry) else put(WARMING) end
  saveEntry(entry)
end

-- { updates, lease changes if there are any }
function operations.apply(entry, request)
  if not entry then return put(COLD) end
  keep(entry, applyStep(entry, request[1], request[2]))
end

local function putViews(entry, ids)
  local at, count = outCount + 1, 0
  outCount = at
  for index = 1, #ids do
    local room = entry.rooms[toField(ids[index])]
    if room and room.seen then
      putRow(room)
      put(unreadOf(room))
      put(isOpen(entry, room.field) and 1 or 0)
      count = count + 1
    end
  end
  out[at] = count
end

local function putOpens(entry)
  local opens, seen = {}, {}
  for _, device in ipairs(entry.devices) do
    for _, field in ipairs(opensOf(device)) do
      if not seen[field] then table.insert(opens, toId(field)) end
      seen[field] = true
    end
  end
  putList(opens)
end

-- { { room, … }, since or -1 }
function operations.read(entry, request)
  if not entry then return put(COLD) end
  entry.isUsed = true
  local count = changeLeases(entry)
  if not entry.isReady then
    put(WARMING)
    return saveEntry(entry)
  end
  settle(entry, count)
  local since, changed = request[2] - entry.warm * REVS_PER_WARM, nil
  if since >= 0 and since <= entry.n then changed = changedAfter(entry, since) end
  if isUsedUp(entry) then
    put(COLD)
    return dropKeys()
  end
  putBadge(entry)
  putViews(entry, request[1])
  if changed then putRows(changed, 1, #changed, 1) else put(UNKNOWN) end
  putOpens(entry)
  saveEntry(entry)
end

-- How many rooms and leases the user's keys hold.
function operations.count(entry)
  local leases = 0
  for _, device in ipairs(entry and entry.devices or {}) do leases = leases + 1 + #device[4] / 2 end
  put(entry and call('HLEN', registersKey) - 2 or 0)
  put(leases)
end

-- Of the call under way: its keys, what is asked, and which of that of each user.
local operation, keysAsked, whichRequest, requests
-- The user under way, and how much was answered before.
local user, outCountBefore

-- Whether it may change leases, or tells more of them than their summary does.
local function needsDevices(request)
  return operation ~= 'read' and (operation ~= 'apply' or request[2] ~= nil)
end

-- Nothing is done for a node that knows an older epoch than the key: what it says may have waited in a Redis that hung,
-- or on the way, while the node gave it up and the key was made anew. A lease put by it would hide what is unread.
local function answerUser()
  local last, request = user * 3, requests[whichRequest[user]]
  registersKey, changedKey, leasesKey = keysAsked[last - 2], keysAsked[last - 1], keysAsked[last]
  local values, count = readRegisters(request[roomsIn[operation]] or NO_ROOMS, everyIn[operation] or 1)
  if operation == 'apply' and applyOrdinary(values, request[1], request[2]) then return end
  local entry = loadEntry(values, count, needsDevices(request))
  if entry and entry.epoch > epochNow then
    put(OUTDATED)
    return put(entry.epoch)
  end
  operations[operation](entry, request)
end

local function answerRest()
  while user <= #whichRequest do
    outCountBefore = outCount
    answerUser()
    user = user + 1
  end
end

-- Whether a step failed for its keys, and not for a Redis that takes no writes just now. Only Redis' errors have codes.
local function isAboutKeys(failure)
  local code = string.match(failure, '^(%u+) ')
  return code == nil or code == 'WRONGTYPE'
end

-- Keys that cannot be read, or are of another type, are thrown away: this user is cold then, and nobody else is concerned.
local function answerAnew(answer)
  -- Which of the two it is depends on the version.
  local failure = type(answer) == 'table' and answer.err or answer
  if not isAboutKeys(failure) then error({ err = failure }) end
  unput(outCountBefore)
  dropKeys()
  answerUser()
  user = user + 1
end

local function beginCall(epoch, idleMs, atMs)
  epochNow, idleTtlMs, nowMs = epoch, idleMs, atMs
  if atMs < 0 then
    local time = call('TIME')
    nowMs = number(time[1]) * 1000 + math.floor(number(time[2]) / 1000)
  end
  runId = runId or string.sub(string.match(call('INFO', 'server'), 'run_id:(%x+)'), 1, 16)
  out, outCount, user = {}, 0, 1
end

local function answerAll(keys, arguments)
  local asked = cjson.decode(arguments[1])
  keysAsked, operation, whichRequest, requests = keys, asked[1], asked[5], asked[6]
  beginCall(asked[2], asked[3], asked[4])
  repeat
    local isDone, failure = pcall(answerRest)
    if not isDone then answerAnew(failure) end
  until isDone
  return packValues(out)
end

return answerAll
