import { hash } from 'node:crypto'

/** 128 bits: nobody finds two bodies with one fingerprint, and it takes 22 characters of a row. */
const CHARS = 22

/** What somebody sent under a `clientId`. */
export type SentBody = {
  text: string
  type: string
  replyTo: number | undefined
  attachments?: readonly string[]
}

/**
 * Tells a repeated send from another message under the same `clientId`, also after the message was edited. SHA-256,
 * truncated: the sender chooses the body, so a weaker hash could be made to collide.
 */
export function fingerprintOf({ text, type, replyTo, attachments = [] }: SentBody): string {
  const body = JSON.stringify([text, type, replyTo ?? null, ...attachments])
  return hash('sha256', body, 'base64url').slice(0, CHARS)
}
