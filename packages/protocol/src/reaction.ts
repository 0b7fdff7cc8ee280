import { z } from 'zod'
import { UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/** One emoji as a person picks it; bounded, shown as text. */
export const Emoji = line(LIMITS.emojiChars, 1).regex(/\S/, 'must not be blank')
export type Emoji = z.infer<typeof Emoji>

/** An emoji on a message, and who put it there. */
export const Reaction = z.object({ emoji: z.string(), userIds: z.array(UserId) })
export type Reaction = z.infer<typeof Reaction>
