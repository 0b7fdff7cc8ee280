import type { FeedNews, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'

/** To all devices of a person: what they agree on has risen. Absolute values, so it may come late, twice, or not at all. */
export function feedStateFrame(userId: UserId, state: FeedNews): Frame {
  return { kind: 'user-event', userId, event: 'feed-state', payload: state }
}
