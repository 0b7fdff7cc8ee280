import type { ProcessorProfile, ProfileFrame } from './processor-profile.ts'

/** The layers of a server that a message passes, in its order; below them what it cannot do without. */
export const SERVER_LAYERS = [
  'socket in',
  'parse and check',
  'commit',
  'ledger',
  'deliver',
  'other nodes',
  'socket out',
  'background',
  'garbage',
  'runtime',
] as const

export type ServerLayer = (typeof SERVER_LAYERS)[number]

/** Where a file belongs: the innermost function on the stack that has a layer decides for those it calls. */
const LAYER_OF_FILES: readonly (readonly [RegExp, ServerLayer])[] = [
  [
    /\/edges\/socket\/(direct-writer|packet|connection|badge-|wire-shapes|room-stream|subscription|frame-router)/,
    'socket out',
  ],
  [
    /\/edges\/socket\/(event-|session|socket-edge)|\/node_modules\/(socket\.io|engine\.io|ws|@socket\.io)/,
    'socket in',
  ],
  [/\/ws\/lib\/sender\.js|\/engine\.io\/build\/transports\//, 'socket out'],
  [
    /\/packages\/protocol\/|\/node_modules\/zod\/|\/actions\/send-message|\/store\/fingerprint|\/id-source|\/core\/rate-limit|\/node_modules\/uuid\//,
    'parse and check',
  ],
  [/\/(src|dist)\/store\/|\/node_modules\/(pg|pg-.*|kysely)\//, 'commit'],
  [/\/(src|dist)\/(ledger|redis)\/|\/node_modules\/(ioredis|redis-.*)\//, 'ledger'],
  [/\/(src|dist)\/bus\//, 'other nodes'],
  [/\/(src|dist)\/(actions|core)\//, 'deliver'],
  [/\/(src|dist)\/(workers|queue|ops)\/|\/node_modules\/(prom-client|pino|fastify)/, 'background'],
]

/** How many µs of processor time went where, out of what was looked at. Idle time is none. */
export function layersOf(profile: ProcessorProfile): Record<ServerLayer, number> {
  const sums = Object.fromEntries(SERVER_LAYERS.map((layer) => [layer, 0])) as Record<ServerLayer, number>
  for (const { stack, us } of stacksOf(profile)) {
    const layer = layerOfStack(stack)
    if (layer !== undefined) sums[layer] += us
  }
  return sums
}

export type Stack = { stack: readonly ProfileFrame[]; us: number }

/** Every stack that was seen, outermost function first, and for how long. */
export function stacksOf({ nodes, samples, timeDeltas }: ProcessorProfile): Stack[] {
  const usOf = new Map<number, number>()
  for (const [index, id] of samples.entries()) usOf.set(id, (usOf.get(id) ?? 0) + (timeDeltas[index] ?? 0))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return [...usOf].map(([id, us]) => {
    const stack: ProfileFrame[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame
      if (frame !== undefined && frame.functionName !== '(root)') stack.unshift(frame)
    }
    return { stack, us }
  })
}

function layerOfStack(stack: readonly ProfileFrame[]): ServerLayer | undefined {
  const innermost = stack.at(-1)?.functionName
  if (innermost === '(idle)') return undefined
  if (innermost === '(garbage collector)') return 'garbage'
  for (const frame of stack.toReversed()) {
    const layer = layerOfFrame(frame)
    if (layer !== undefined) return layer
  }
  return 'runtime'
}

/** The layer of one function by itself; `undefined` of what serves all of them. */
export function layerOfFrame({ url, functionName }: ProfileFrame): ServerLayer | undefined {
  if (functionName === '(garbage collector)') return 'garbage'
  if (url === '' || url.startsWith('node:')) return undefined
  return LAYER_OF_FILES.find(([files]) => files.test(url))?.[1]
}
