-- The ledger rule on Redis: what core/user-entry.ts and core/warming.ts do to an entry in memory, done to a user's keys
-- in one atomic step. The two are compared, step by step, by test/ledger/same-rule.redis.test.ts. No step reads more of a
-- user's rooms than it names, except the beginning and the end of a warming. What each chapter is about:
--   ids: how they are packed   rooms: registers, and how they merge   entries: a user's keys, read and written
--   leases   answers: what goes back   badge: what changed, and how it is told   warming
--   ordinary: a step of the kind that nearly all are   operations: what a node may ask for
--
-- KEYS, three per user, all in one slot:
--   a hash      'w': the warming it stems from; 'm': the numbers, and what most steps need to know of the leases; one field
--               per room (its id, packed): the registers
--   a zset      rooms that visibly changed since the warming, by n · 2^20 + their place within that step
--   a string    the leases
-- ARGV: 1 all that is asked, as JSON: the operation, the epoch, the idle time, the time or -1 for that of Redis, which
--   request is meant for which user, the requests
-- Absent numbers are -1 on the way in and in the registers alike: every real value merges over it.
--
-- The chapters are loaded once and run for every call, so a step is cheap when it makes few tables: those that every step
-- needs are made once and used again, from user to user and from call to call. Nothing in them outlives its user.

local PLACES = 1048576 -- within one step
local MOST_ARGUMENTS = 2000 -- of one command; Lua's stack holds 8,000
local UNKNOWN = -1
local COLD, WARMING, READY = 0, 1, 2
local FEED, LEFT, MUTED, ARCHIVED, PENDING = 1, 2, 4, 8, 16
-- What was last answered about a room: what follows from its registers while closed or while open, nothing, or otherwise.
local AS_CLOSED, AS_OPEN, NEVER, OTHERWISE = 0, 32, 64, 96
-- Written since the warming under way began; what is older is to be forgotten.
local ANEW = 128

-- Globals are slower.
local band, call, packValues, unpackValues = bit.band, redis.call, cmsgpack.pack, cmsgpack.unpack
local format, ipairs, number, pairs, pcall, unpack = string.format, ipairs, tonumber, pairs, pcall, unpack

-- Of the call under way.
local nowMs, epochNow, idleTtlMs

-- Of the user under way.
local registersKey, changedKey, leasesKey

-- Of the Redis process, which does not change while this is loaded.
local runId

local function digits(value)
  return format('%.0f', value)
end

-- Calls a command that takes any number of (pairs of) arguments. Answers the sum of its answers.
local function callMany(command, key, arguments, count)
  if count == 0 then return 0 end
  if count <= MOST_ARGUMENTS then return call(command, key, unpack(arguments, 1, count)) end
  local sum = 0
  for first = 1, count, MOST_ARGUMENTS do
    local last = math.min(first + MOST_ARGUMENTS - 1, count)
    sum = sum + call(command, key, unpack(arguments, first, last))
  end
  return sum
end

-- Those of the rooms where people talk just now; a packed id is not worth more memory than that.
local MOST_REMEMBERED = 4096
local fieldOfId, idOfField, remembered = {}, {}, 0

local UUID = '^(%x%x%x%x%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x)(%x%x%x%x%x%x%x%x)$'

local function unpackId(field)
  if #field ~= 16 then return string.sub(field, string.sub(field, 1, 1) == 'y' and 3 or 2) end
  return format('%08x-%04x-%04x-%04x-%04x%08x', struct.unpack('>I4I2I2I2I2I4', field))
end

-- A UUID in small letters takes 16 bytes; any other id is kept as it is, behind a letter, and is never 16 bytes long.
local function packId(id)
  if #id == 36 and not string.find(id, '%u') then
    local a, b, c, d, e, f = string.match(id, UUID)
    if a then
      return struct.pack('>I4I2I2I2I2I4', number(a, 16), number(b, 16), number(c, 16), number(d, 16),
        number(e, 16), number(f, 16))
    end
  end
  return (#id == 15 and 'yy' or 'x') .. id
end

local function remember(id, field)
  if remembered == MOST_REMEMBERED then fieldOfId, idOfField, remembered = {}, {}, 0 end
  remembered = remembered + 1
  fieldOfId[id], idOfField[field] = field, id
end

local function toField(id)
  local field = fieldOfId[id]
  if not field then
    field = packId(id)
    remember(id, field)
  end
  return field
end

local function toId(field)
  local id = idOfField[field]
  if not id then
    id = unpackId(field)
    remember(id, field)
  end
  return id
end
