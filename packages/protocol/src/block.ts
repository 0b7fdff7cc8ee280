import { z } from 'zod'
import { IsoTime, UserId } from './ids.ts'

/** Somebody the caller has blocked: that person's messages raise no badge. */
export const Block = z.object({ userId: UserId, name: z.string().nullable(), blockedAt: IsoTime })
export type Block = z.infer<typeof Block>

/** Block or unblock one person; saying the same twice changes nothing. */
export const BlockBody = z.object({ userId: UserId, blocked: z.boolean() })
export type BlockBody = z.infer<typeof BlockBody>
