import { LIMITS, type LimitName } from '@tally/protocol'
import { type Variable, variable } from './variable.ts'
import { wholeNumber } from './variable-types.ts'

const limit = (
  name: string,
  limitName: LimitName,
  range: { min: number; max: number },
  description: string,
) => variable({ name, type: wholeNumber(range), default: LIMITS[limitName], description })

const MOST = { min: 1, max: 1_000_000 }
const BYTES = { min: 1_024, max: 268_435_456 }

/** Limits of the protocol that an operator may change, by their name there. */
export const limits = {
  messageChars: limit(
    'MAX_MESSAGE_LENGTH',
    'messageChars',
    { min: 1, max: 100_000 },
    'Characters of a message.',
  ),
  frameBytes: limit(
    'TALLY_FRAME_BYTES',
    'frameBytes',
    BYTES,
    'Bytes of a Socket.IO frame and of an HTTP body; by default as many as `MAX_MESSAGE_LENGTH` needs, if that is more.',
  ),
  socketBufferBytes: limit(
    'TALLY_SOCKET_BUFFER_BYTES',
    'socketBufferBytes',
    BYTES,
    'Bytes a socket may leave unread before it is closed.',
  ),
  sendsPerSecond: limit(
    'TALLY_SENDS_PER_SECOND',
    'sendsPerSecond',
    MOST,
    'Messages of one person per second.',
  ),
  sendBurst: limit('TALLY_SEND_BURST', 'sendBurst', MOST, 'Messages of one person at once.'),
  eventsPerSecond: limit(
    'TALLY_EVENTS_PER_SECOND',
    'eventsPerSecond',
    MOST,
    'Other events of one connection per second.',
  ),
  eventBurst: limit('TALLY_EVENT_BURST', 'eventBurst', MOST, 'Other events of one connection at once.'),
  joinsPerSecond: limit(
    'TALLY_JOINS_PER_SECOND',
    'joinsPerSecond',
    MOST,
    'Joins of one connection per second.',
  ),
  typingPerSecond: limit(
    'TALLY_TYPING_PER_SECOND',
    'typingPerSecond',
    MOST,
    'Typing signals of one person per second.',
  ),
  requestsPerSecond: limit(
    'TALLY_REQUESTS_PER_SECOND',
    'requestsPerSecond',
    MOST,
    'HTTP requests of one person per second.',
  ),
  requestBurst: limit('TALLY_REQUEST_BURST', 'requestBurst', MOST, 'HTTP requests of one person at once.'),
  requestsPerSecondPerAddress: limit(
    'TALLY_REQUESTS_PER_SECOND_PER_ADDRESS',
    'requestsPerSecondPerAddress',
    MOST,
    'HTTP requests of nobody in particular, or with a bad token, from one address per second.',
  ),
  connectionsPerUser: limit(
    'TALLY_CONNECTIONS_PER_USER',
    'connectionsPerUser',
    MOST,
    'Sockets of one person, and polls that wait.',
  ),
  connectionsPerAddress: limit(
    'TALLY_CONNECTIONS_PER_ADDRESS',
    'connectionsPerAddress',
    MOST,
    'Sockets of one address.',
  ),
  authenticateTimeoutMs: limit(
    'TALLY_AUTHENTICATE_TIMEOUT_MS',
    'authenticateTimeoutMs',
    { min: 1_000, max: 600_000 },
    'Time a socket has to authenticate, in ms.',
  ),
  openRoomsPerConnection: limit(
    'TALLY_OPEN_ROOMS_PER_CONNECTION',
    'openRoomsPerConnection',
    MOST,
    'Rooms one socket may have joined at once.',
  ),
  roomsPerUser: limit('TALLY_ROOMS_PER_USER', 'roomsPerUser', MOST, 'Rooms of one person.'),
  membersPerRoom: limit('TALLY_MEMBERS_PER_ROOM', 'membersPerRoom', MOST, 'Members of one room.'),
  attachmentBytes: limit(
    'TALLY_ATTACHMENT_BYTES',
    'attachmentBytes',
    { min: 1, max: 2_147_483_648 },
    'Bytes of a file.',
  ),
  uploadsPerUser: limit(
    'TALLY_UPLOADS_PER_USER',
    'uploadsPerUser',
    MOST,
    'Files of one person that are in no message yet.',
  ),
  searchesPerSecond: limit(
    'TALLY_SEARCHES_PER_SECOND',
    'searchesPerSecond',
    MOST,
    'Searches of one person per second.',
  ),
  searchBurst: limit('TALLY_SEARCH_BURST', 'searchBurst', MOST, 'Searches of one person at once.'),
  blocksPerUser: limit('TALLY_BLOCKS_PER_USER', 'blocksPerUser', MOST, 'People one person may block.'),
  devicesPerUser: limit(
    'TALLY_DEVICES_PER_USER',
    'devicesPerUser',
    MOST,
    'Devices one person may be signed in on; a further one signs out the one that was not seen for longest.',
  ),
} satisfies { [name in LimitName]?: Variable<number> }
