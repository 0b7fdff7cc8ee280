import type {
  Badge,
  createTally,
  MessageList,
  PendingMessage,
  RoomId,
  RoomState,
  UserId,
} from '@tally/client'
import type { ComponentProps } from 'react'
import { describe, expectTypeOf, test } from 'vitest'
import type {
  ChatRoom,
  Messages,
  RoomList,
  Rooms,
  TallyProvider,
  Texts,
  useBadge,
  useDynamicPolling,
  usePolling,
  usePresence,
  useRoom,
  useTyping,
} from '../src/index.ts'

describe('the types say', () => {
  test('that a badge may not be known yet', () => {
    expectTypeOf<ReturnType<typeof useBadge>>().toEqualTypeOf<Badge | null>()
    expectTypeOf<Badge['total']>().toEqualTypeOf<number | null>()
  })

  test('what rooms and messages are made of', () => {
    expectTypeOf<Rooms['items']>().toEqualTypeOf<readonly RoomState[]>()
    expectTypeOf<Messages>().toExtend<MessageList>()
    expectTypeOf<Messages['send']>().returns.toEqualTypeOf<PendingMessage>()
    expectTypeOf<ReturnType<typeof useRoom>['room']>().toEqualTypeOf<RoomState | undefined>()
    expectTypeOf<ReturnType<typeof useTyping>['typing']>().toEqualTypeOf<readonly UserId[]>()
    expectTypeOf<ReturnType<typeof usePresence>['online']>().toEqualTypeOf<boolean>()
  })

  test('that ids cannot be mixed up', () => {
    expectTypeOf<Parameters<typeof useRoom>[0]>().toEqualTypeOf<RoomId>()
    expectTypeOf<UserId>().not.toExtend<RoomId>()
    expectTypeOf<string>().not.toExtend<RoomId>()
    expectTypeOf<ComponentProps<typeof ChatRoom>['roomId']>().toEqualTypeOf<RoomId>()
    expectTypeOf<NonNullable<ComponentProps<typeof RoomList>['onSelect']>>()
      .parameter(0)
      .toEqualTypeOf<RoomId>()
  })

  test('that a provider takes what createTally makes, and some words', () => {
    expectTypeOf<ComponentProps<typeof TallyProvider>['tally']>().toEqualTypeOf<
      ReturnType<typeof createTally>
    >()
    expectTypeOf<ComponentProps<typeof TallyProvider>['texts']>().toEqualTypeOf<Partial<Texts> | undefined>()
  })

  test('that polled data keeps its type, also when it is selected from', () => {
    const poll = (): ReturnType<typeof usePolling<{ n: number }>> => ({}) as never
    expectTypeOf<ReturnType<typeof poll>['data']>().toEqualTypeOf<{ n: number } | undefined>()
    const selected = (): ReturnType<typeof useDynamicPolling<{ n: number }, Error, string>> => ({}) as never
    expectTypeOf<ReturnType<typeof selected>['data']>().toEqualTypeOf<string | undefined>()
  })
})
