import { z } from 'zod'
import { AttachmentId, Count, RoomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/** A file of a message. `type` is what its bytes are, whatever its name says; a picture has its size as it is shown. */
export const Attachment = z.object({
  id: AttachmentId,
  name: z.string(),
  type: z.string(),
  bytes: Count,
  width: Count.optional(),
  height: Count.optional(),
})
export type Attachment = z.infer<typeof Attachment>

/** The name a file is saved under: no folders. */
export const FileName = line(LIMITS.fileNameChars, 1).regex(/^[^/\\]*$/, 'must not contain a slash')

/** Announces a file that is to be sent into a room. */
export const BeginUploadBody = z.object({
  roomId: RoomId,
  name: FileName,
  bytes: z.int().min(1),
})
export type BeginUploadBody = z.infer<typeof BeginUploadBody>

/**
 * How far an upload is: `received` bytes are stored. The next request brings those after them: `partBytes` of them, or
 * what is left. `type` is known with the first part, and `ready` with the last.
 */
export const Upload = z.object({
  id: AttachmentId,
  roomId: RoomId,
  name: z.string(),
  bytes: Count,
  received: Count,
  partBytes: Count,
  ready: z.boolean(),
  type: z.string().optional(),
  width: Count.optional(),
  height: Count.optional(),
})
export type Upload = z.infer<typeof Upload>
