import { invalidRequest } from '@tally/protocol'
import { serializerCompiler } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { HttpApp } from './endpoint-route.ts'

/**
 * Bodies are JSON or nothing, and every part of a request goes through the endpoint's schema. A body with `__proto__`
 * or `constructor.prototype` in it is refused before anything looks at it.
 */
export function parseRequests(app: HttpApp): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Installed apps name the type also where they send nothing.
    if (body === '') done(null, undefined)
    else parseJson(request, body, done)
  })
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    // No body is the same as an empty one: which fields are required is the schema's to say.
    const parsed = schema.safeParse(httpPart === 'body' ? (data ?? {}) : data)
    return parsed.success ? { value: parsed.data } : { error: invalidRequest(parsed.error) }
  })
  app.setSerializerCompiler(serializerCompiler)
}
