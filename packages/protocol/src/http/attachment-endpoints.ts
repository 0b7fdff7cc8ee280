import { z } from 'zod'
import { BeginUploadBody, Upload } from '../attachment.ts'
import { AttachmentId, Count } from '../ids.ts'
import { queryInt } from '../page.ts'
import { Done } from './common.ts'
import type { Endpoint } from './endpoint.ts'

const AttachmentParams = z.object({ attachmentId: AttachmentId })

/** Files: announced, brought in parts, named in a message, fetched by those in its room. */
export const attachmentEndpoints = {
  beginUpload: {
    method: 'POST',
    path: '/v1/attachments',
    auth: 'user',
    tag: 'attachments',
    summary: 'Announce a file for a room; its bytes follow in parts.',
    body: BeginUploadBody,
    response: Upload,
    status: 201,
  },
  readUpload: {
    method: 'GET',
    path: '/v1/attachments/:attachmentId',
    auth: 'user',
    tag: 'attachments',
    summary: "How far one's own upload is: where to go on after an interruption.",
    params: AttachmentParams,
    response: Upload,
  },
  continueUpload: {
    method: 'PATCH',
    path: '/v1/attachments/:attachmentId',
    auth: 'user',
    tag: 'attachments',
    summary: 'The next part, as application/octet-stream; offset is how many bytes were received before it.',
    params: AttachmentParams,
    query: z.object({ offset: queryInt(Count) }),
    response: Upload,
  },
  cancelUpload: {
    method: 'DELETE',
    path: '/v1/attachments/:attachmentId',
    auth: 'user',
    tag: 'attachments',
    summary: 'Give up a file that is in no message.',
    params: AttachmentParams,
    response: Done,
  },
  readContent: {
    method: 'GET',
    path: '/v1/attachments/:attachmentId/content',
    auth: 'user',
    tag: 'attachments',
    summary: 'The bytes, for members of the room; one range of them with Range.',
    params: AttachmentParams,
    response: z.unknown(),
  },
} as const satisfies Record<string, Endpoint>
