-- A device is { id, node or '', the connection lapses at, { room, lapses at, room, lapses at, … }, the read epoch of each
-- room that is open }. Versions before there were epochs leave those as they are: one that is missing counts as the oldest.

local function placeOfDevice(entry, deviceId)
  for index, device in ipairs(entry.devices) do
    if device[1] == deviceId then return index end
  end
  return nil
end

local function deviceOf(entry, deviceId)
  local place = placeOfDevice(entry, deviceId)
  if place then return entry.devices[place] end
  local device = { deviceId, '', 0, {}, {} }
  table.insert(entry.devices, device)
  return device
end

local function placeOfOpen(device, field)
  local opens = device[4]
  for index = 1, #opens, 2 do
    if opens[index] == field then return index end
  end
  return nil
end

local function isOpen(entry, field)
  local devices = entry.devices
  for index = 1, #devices do
    if placeOfOpen(devices[index], field) then return true end
  end
  return false
end

local function forgetDeviceIfIdle(entry, device)
  if device[2] ~= '' or #device[4] > 0 then return end
  local place = placeOfDevice(entry, device[1])
  if place then table.remove(entry.devices, place) end
end

local function epochsOf(device)
  device[5] = device[5] or {}
  return device[5]
end

-- `flipped` gets the rooms that went from open to not open or back.
local function closeRoom(entry, device, field, flipped)
  local place = placeOfOpen(device, field)
  if not place then return end
  table.remove(device[4], place)
  table.remove(device[4], place)
  epochsOf(device)[field] = nil
  forgetDeviceIfIdle(entry, device)
  if not isOpen(entry, field) then table.insert(flipped, field) end
end

local function openRoom(entry, device, field, readEpoch, untilMs, flipped)
  local place, epochs = placeOfOpen(device, field), epochsOf(device)
  epochs[field] = math.max(readEpoch, place and epochs[field] or 0)
  if place then
    device[4][place + 1] = untilMs
    return
  end
  if not isOpen(entry, field) then table.insert(flipped, field) end
  table.insert(device[4], field)
  table.insert(device[4], untilMs)
end

local function listOfDevices(entry)
  local devices = {}
  for index, device in ipairs(entry.devices) do devices[index] = device end
  return devices
end

local function opensOf(device)
  local fields = {}
  for index = 1, #device[4], 2 do table.insert(fields, device[4][index]) end
  return fields
end

local function hasLapsed(entry)
  local devices = entry.devices
  for place = 1, #devices do
    local device = devices[place]
    if device[2] ~= '' and device[3] <= nowMs then return true end
    local opens = device[4]
    for index = 2, #opens, 2 do
      if opens[index] <= nowMs then return true end
    end
  end
  return false
end

local function dropLapsed(entry, flipped)
  for _, device in ipairs(listOfDevices(entry)) do
    if device[2] ~= '' and device[3] <= nowMs then
      device[2], device[3] = '', 0
      entry.leasesChanged = true
    end
    for _, field in ipairs(opensOf(device)) do
      if device[4][placeOfOpen(device, field) + 1] <= nowMs then
        entry.leasesChanged = true
        closeRoom(entry, device, field, flipped)
      end
    end
    forgetDeviceIfIdle(entry, device)
  end
end

local changeLease = {
  connect = function(entry, change)
    local device = deviceOf(entry, change[2])
    device[2], device[3] = change[3], nowMs + change[4]
  end,
  disconnect = function(entry, change, flipped)
    local place = placeOfDevice(entry, change[2])
    if not place then return end
    local device = entry.devices[place]
    for _, field in ipairs(opensOf(device)) do closeRoom(entry, device, field, flipped) end
    device[2] = ''
    forgetDeviceIfIdle(entry, device)
  end,
  open = function(entry, change, flipped)
    openRoom(entry, deviceOf(entry, change[2]), toField(change[3]), change[5], nowMs + change[4], flipped)
  end,
  close = function(entry, change, flipped)
    local place = placeOfDevice(entry, change[2])
    if place then closeRoom(entry, entry.devices[place], toField(change[3]), flipped) end
  end,
  ['close-older'] = function(entry, change, flipped)
    local field, beforeEpoch = toField(change[2]), change[3]
    for _, device in ipairs(listOfDevices(entry)) do
      if (epochsOf(device)[field] or 0) < beforeEpoch then closeRoom(entry, device, field, flipped) end
    end
  end,
}

-- Drops what lapsed and puts what is new. Answers how many known rooms opened or closed by it: they lie in `affected`.
local affected = {}

local function changeLeases(entry, changes)
  if not changes and not hasLapsed(entry) then return 0 end
  local flipped, count = {}, 0
  dropLapsed(entry, flipped)
  if changes then
    entry.isUsed, entry.leasesChanged = true, true
    for _, change in ipairs(changes) do changeLease[change[1]](entry, change, flipped) end
  end
  fetchRooms(entry, flipped)
  for _, field in ipairs(flipped) do
    local room = entry.rooms[field]
    if room then
      count = count + 1
      affected[count] = room
    end
  end
  return count
end
