import { randomUUID } from 'node:crypto'
import { LIMITS, type MessageId, type RoomId, type UserId } from '@tally/protocol'
import { createRoom } from '../../src/store/create-room.ts'
import { ensureUsers } from '../../src/store/ensure-users.ts'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openDatabase } from '../../src/store/open-database.ts'

// A process of its own: sends and reads in an embedded database until somebody kills it, and prints the place of every
// message after it was acknowledged.
const [alice, bob] = ['alice', 'bob'] as UserId[] as [UserId, UserId]
const db = await openDatabase({ dataDir: process.argv[2]! })
await migrate(db)
await ensureUsers(db, [alice, bob])
const { roomId } = await createRoom(db, {
  id: randomUUID() as RoomId,
  kind: 'direct',
  key: 'the-room',
  metadata: {},
  history: 'none',
  creatorId: alice,
  members: [
    { userId: alice, role: 'member' },
    { userId: bob, role: 'member' },
  ],
  limits: LIMITS,
})
const groups = new GroupCommit(db, { maxGroupSize: 500, maxQueued: 1_000 })

async function sendForEver(): Promise<never> {
  for (;;) {
    const text = randomUUID()
    const { message } = await groups.send({
      kind: 'member',
      id: randomUUID() as MessageId,
      roomId,
      senderId: alice,
      text,
      type: 'regular',
      fingerprint: fingerprintOf({ text, type: 'regular', replyTo: undefined }),
      counted: true,
      receivedAtMs: performance.now(),
    })
    process.stdout.write(`${message.seq}\n`)
    if (message.seq % 7 === 0) await groups.readHead({ userId: bob, roomId })
  }
}

await Promise.all(Array.from({ length: 5 }, sendForEver))
