import type { IsoTime, MessageUpdated } from '@tally/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type MessageRegister,
  mergeDeletion,
  mergeRegisters,
  mergeUpdate,
  registerOf,
  registerOfWire,
  wireMessageOf,
} from '../src/message-register.ts'
import { ANN, BEN, message, ROOM } from './sample-messages.ts'

const original = message(7, 10)
const EDITED_AT = '2026-01-01T00:01:00.000000Z' as IsoTime
const DELETED_AT = '2026-01-01T00:02:00.000000Z' as IsoTime

const edit = (change: number, text: string) =>
  ({ room_id: ROOM, seq: 7, change, message: text, edited_at: EDITED_AT }) as MessageUpdated
const reaction = (change: number, emoji: string) =>
  ({ room_id: ROOM, seq: 7, change, reactions: [{ emoji, userIds: [ANN, BEN] }] }) as MessageUpdated

type Step = (register: MessageRegister) => MessageRegister

/** One life of a message, each step as of its change. */
const LIFE: readonly Step[] = [
  (register) => mergeUpdate(register, edit(11, 'once')),
  (register) => mergeUpdate(register, reaction(12, '👍')),
  (register) => mergeUpdate(register, edit(13, 'twice')),
  (register) => mergeUpdate(register, reaction(14, '🎉')),
  (register) =>
    mergeRegisters(
      register,
      registerOf({
        ...original,
        change: 12 as never,
        text: 'once',
        editedAt: EDITED_AT,
        reactions: [{ emoji: '👍', userIds: [ANN, BEN] }],
      }),
    ),
]

test('a message told late, twice and out of order is the same message', () => {
  const inOrder = LIFE.reduce((register, step) => step(register), registerOf(original))
  expect(inOrder.message).toMatchObject({ text: 'twice', change: 14, reactions: [{ emoji: '🎉' }] })
  const anyOrder = fc.array(fc.nat(LIFE.length - 1), { maxLength: 12 })
  fc.assert(
    fc.property(anyOrder, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (noise, order) => {
      const steps = [...noise, ...order].map((index) => LIFE[index]!)
      const register = steps.reduce((known, step) => step(known), registerOf(original))
      expect(register.message).toEqual(inOrder.message)
    }),
  )
})

test('a deletion is the end of text and reactions, whatever comes late', () => {
  const deletion = { room_id: ROOM, seq: original.seq, change: 20 as never, deleted_at: DELETED_AT }
  const deleted = mergeDeletion(registerOf(original), deletion)
  const late = LIFE.reduce((register, step) => step(register), deleted)
  expect(late.message).toMatchObject({ text: '', deletedAt: DELETED_AT, reactions: [], change: 20 })
  expect(mergeDeletion(late, deletion)).toBe(late)
})

test('what changes nothing keeps the very same object', () => {
  const known = registerOf(message(7, 14))
  expect(mergeUpdate(known, edit(13, 'late'))).toBe(known)
  expect(mergeRegisters(known, registerOf(original))).toBe(known)
})

test('a message that is told late, over the wire, is what became of it by then', () => {
  const reactions = [{ emoji: '👍', userIds: [ANN, BEN] }]
  for (const fate of [
    { editedAt: EDITED_AT, text: 'once' },
    { reactions },
    { editedAt: EDITED_AT, text: 'once', reactions },
    { deletedAt: DELETED_AT, text: '' },
  ]) {
    const stored = { ...message(7, 12), ...fate }
    const { message: told } = registerOfWire(wireMessageOf(stored))
    expect(told).toEqual({ ...stored, editedAt: stored.editedAt, clientId: undefined, replyTo: undefined })
    // What is told of it beside that, as of the same change or an earlier one, adds nothing.
    expect(mergeUpdate(registerOfWire(wireMessageOf(stored)), edit(11, 'older')).message).toEqual(told)
  }
})
