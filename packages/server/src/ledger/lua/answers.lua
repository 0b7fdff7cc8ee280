-- What goes back, one value behind the other, user after user. It travels as one packed string: an answer of many parts
-- costs more to write and to read than to find out.
local out, outCount

local function put(value)
  outCount = outCount + 1
  out[outCount] = value
end

local function putList(values)
  put(#values)
  for index = 1, #values do put(values[index]) end
end

local function putRow(room)
  local at = outCount
  out[at + 1], out[at + 2], out[at + 3], out[at + 4] = toId(room.field), room.seen, room.seenShown, room.seenChange
  outCount = at + 4
end

-- Those from one place in a list to another; the order may be the other way round.
local function putRows(rooms, first, last, step)
  put((last - first) / step + 1)
  for index = first, last, step do putRow(rooms[index]) end
end

-- Takes back what was put since.
local function unput(count)
  for index = count + 1, outCount do out[index] = nil end
  outCount = count
end

-- Where the user is connected: hardly ever on more than a few nodes.
local function putNodes(entry)
  local devices, at, count = entry.devices, outCount + 1, 0
  outCount = at
  for index = 1, #devices do
    local node = devices[index][2]
    local isNew = node ~= ''
    for place = at + 1, at + count do isNew = isNew and out[place] ~= node end
    if isNew then
      put(node)
      count = count + 1
    end
  end
  out[at] = count
end

local function putBadge(entry)
  local at = outCount
  out[at + 1], out[at + 2], out[at + 3] = READY, entry.warm, entry.n
  out[at + 4], out[at + 5], out[at + 6] = entry.total, entry.unreadRooms, entry.notifications
  outCount = at + 6
  if entry.node then putList({ entry.node }) else putNodes(entry) end
end
