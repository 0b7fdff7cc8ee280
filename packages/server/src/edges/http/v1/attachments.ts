import { Readable } from 'node:stream'
import { errorDetailOf, RequestError, v1 } from '@tally/protocol'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply } from 'fastify'
import type { ActionContext } from '../../../actions/context.ts'
import { type ReadableFile, readFile } from '../../../actions/read-file.ts'
import { beginUpload, cancelUpload, continueUpload, readUpload } from '../../../actions/upload-file.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

const BYTES = 'application/octet-stream'

/** What a browser may show by itself; everything else is saved. Nothing here can run anything. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp|avif|heic)|video\/(?:mp4|webm|quicktime)|audio\/[a-z0-9.-]+)$/

/** Even if a browser took it for a page: without scripts, forms, an origin, or anything from elsewhere. */
const NOTHING_RUNS = "default-src 'none'; sandbox"

/** A file may be long in coming, and its readers slow. */
const CONTENT_TIMEOUT_MS = 10 * 60_000

export async function serveAttachments(app: HttpApp, ctx: ActionContext): Promise<void> {
  serve(app, v1.beginUpload, async ({ caller, body }) => beginUpload(ctx, caller, body))
  serve(app, v1.readUpload, async ({ caller, params }) => readUpload(ctx, caller, params))
  serve(app, v1.cancelUpload, async ({ caller, params }) => {
    await cancelUpload(ctx, caller, params)
    return DONE
  })
  serve(
    app,
    v1.readContent,
    async ({ caller, params, request, reply }) => {
      const file = await readFile(ctx, caller, params)
      return sendFile(reply, file, request.headers.range)
    },
    { handlerTimeoutMs: CONTENT_TIMEOUT_MS, statuses: [206] },
  )
  // Bytes are taken here and nowhere else.
  await app.register(async (uploads: HttpApp) => {
    uploads.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    serve(
      uploads,
      v1.continueUpload,
      async ({ caller, params, query, request: { body: part } }) => {
        if (!(part instanceof Uint8Array)) {
          throw new RequestError('unsupported_media_type', { message: `Send ${BYTES}.` })
        }
        return continueUpload(ctx, caller, { ...params, ...query, part })
      },
      { bodyBytes: ctx.limits.attachmentPartBytes },
    )
  })
}

async function sendFile(reply: FastifyReply, file: ReadableFile, asked: string | undefined) {
  const { name, type, bytes } = file
  const range = rangeOf(asked, bytes)
  if (range === 'beyond') {
    // The status by which players and downloads that go on tell that they have all of it.
    const refusal = new RequestError('invalid_request', { message: 'The file ends before this range.' })
    return reply
      .code(416)
      .header('content-range', `bytes */${bytes}`)
      .header('cache-control', 'no-store')
      .send({ error: errorDetailOf(refusal) })
  }
  const { start, end } = range ?? { start: 0, end: bytes }
  const content = await file.read({ start, end })
  reply
    .code(range === null ? 200 : 206)
    .type(type === 'text/plain' ? 'text/plain; charset=utf-8' : type)
    .header('content-length', end - start)
    .header('accept-ranges', 'bytes')
    .header(
      'content-disposition',
      contentDisposition(name, { type: SHOWN.test(type) ? 'inline' : 'attachment' }),
    )
    .header('content-security-policy', NOTHING_RUNS)
    .header('x-content-type-options', 'nosniff')
    // Its bytes never change; who may have it does, so nothing between may keep it, nor a browser for long.
    .header('cache-control', 'private, max-age=300')
  if (range !== null) reply.header('content-range', `bytes ${start}-${end - 1}/${bytes}`)
  return reply.send(Readable.from(content))
}

/** One range; several, or what is none, are answered with all of it (RFC 9110, 14.2). */
function rangeOf(asked: string | undefined, bytes: number): { start: number; end: number } | 'beyond' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(asked ?? '') ?? []
  if (from === '' && to === '') return null
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from)
  const end = from === '' || to === '' ? bytes : Math.min(bytes, Number(to) + 1)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null
  return start >= end ? 'beyond' : { start, end }
}
