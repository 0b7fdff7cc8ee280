import { randomBytes } from 'node:crypto'
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import {
  Badge,
  ErrorBody,
  HEADERS,
  Member,
  Message,
  MobileError,
  Notification,
  PROTOCOL_VERSION,
  Room,
  User,
} from '@tally/protocol'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { HttpApp } from './endpoint-route.ts'

/** The OpenAPI document of everything that `serve` puts on the server, and a page to read it at `/docs`. */
export async function serveDocumentation(app: HttpApp, version: string): Promise<void> {
  const schemaRegistry = namedSchemas()
  const zodToJsonConfig = { unrepresentable: 'any' } as const
  const describeNamed = createJsonSchemaTransformObject({ schemaRegistry, zodToJsonConfig })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tally',
        version,
        description: `Real-time chat with exact unread badges. Protocol version ${PROTOCOL_VERSION}.`,
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          serverKey: { type: 'apiKey', in: 'header', name: HEADERS.apiKey },
        },
      },
    },
    transform: createJsonSchemaTransform({ schemaRegistry, zodToJsonConfig }),
    transformObject: (document) => withoutUnused(describeNamed(document)),
  })
  await servePage(app)
}

/** Shapes that appear in many answers are described once. */
function namedSchemas() {
  const registry = z.registry<{ id: string }>()
  const named = { Badge, ErrorBody, Member, Message, MobileError, Notification, Room, User }
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  return registry
}

type Described = ReturnType<ReturnType<typeof createJsonSchemaTransformObject>>

// Every named shape is described as it is sent and as it would have to be received, whether anybody sends it or not.
function withoutUnused(document: Described): Described {
  if (!('components' in document)) return document
  const { schemas = {}, ...components } = document.components ?? {}
  const used = JSON.stringify(document)
  const kept = Object.entries(schemas).filter(([id]) => used.includes(`"#/components/schemas/${id}"`))
  return { ...document, components: { ...components, schemas: Object.fromEntries(kept) } } as Described
}

// The page starts with one script of its own. It shows nothing that anybody wrote but us, so one nonce for the life of
// the process guards it as well as one per answer would.
async function servePage(app: HttpApp): Promise<void> {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; ')
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      nonce,
      pageTitle: 'Tally API',
      theme: 'default',
      // Everything comes from this server: no fonts, telemetry or agents of anybody else.
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
    hooks: {
      preHandler: async (_request, reply) => {
        reply.header('content-security-policy', policy).header('cache-control', 'no-cache')
      },
    },
  })
}
