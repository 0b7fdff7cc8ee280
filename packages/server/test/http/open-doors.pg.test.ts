import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Endpoint, mobileEndpoints, v1, webAppEndpoints } from '@tally/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import type { HttpApp } from '../../src/edges/http/endpoint-route.ts'
import { useTally } from '../../test-support/test-tally.ts'

const { devLogin: _login, devPeople: _people, ...served } = v1
const ENDPOINTS: Endpoint[] = [served, mobileEndpoints, webAppEndpoints].flatMap((set) => Object.values(set))

describe('what anybody may see', () => {
  const tally = useTally('pglite')

  test('health: the process lives, the node is ready, and what is running', async () => {
    expect((await tally().get('/health/live')).body).toEqual({ status: 'live' })
    expect(await tally().get('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', database: 'up' },
    })
    expect((await tally().get('/api/health')).body).toEqual({
      status: 'ready',
      database: 'up',
      version: expect.any(String),
      protocolVersion: expect.any(Number),
      uptimeSeconds: expect.any(Number),
    })
  })

  test('metrics are not here, and neither is a console', async () => {
    for (const path of ['/metrics', '/ops', '/ops/', '/health', '/dev/people', '/openapi.json']) {
      expect((await tally().get(path)).status).toBe(404)
    }
  })

  test('the OpenAPI document describes every endpoint, who may call it and how it refuses', async () => {
    const { status, body: document } = await tally().get('/docs/openapi.json')
    expect(status).toBe(200)
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Tally' } })
    for (const { method, path, auth } of ENDPOINTS) {
      const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      expect(operation, `${method} ${path}`).toMatchObject({ summary: expect.any(String) })
      expect(operation.security).toHaveLength({ none: 0, user: 1, server: 1, user_or_server: 2 }[auth])
      expect(operation.responses.default.content['application/json'].schema.$ref).toMatch(
        /(ErrorBody|MobileError)$/,
      )
    }
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/dev'))).toEqual([])
    expect(document.components.schemas.Badge.properties).toHaveProperty('rev')
  })

  test('the page that shows it loads nothing from anywhere else', async () => {
    const { status, headers, body } = await tally().get('/docs/')
    expect(status).toBe(200)
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]+'/)
    expect(policy).not.toMatch(/unsafe-eval|https?:/)
    const script = await tally().get('/docs/js/scalar.js')
    expect(script).toMatchObject({ status: 200 })
    expect(script.headers.get('content-type')).toMatch(/javascript/)
  })

  test('every answer tells browsers what it is not for', async () => {
    for (const path of ['/health/live', '/nothing', '/v1/badge', '/%zz']) {
      const { headers } = await tally().get(path)
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'self';script-src 'self';img-src 'self' data: blob: https:;style-src 'self' 'unsafe-inline';" +
          "connect-src 'self' ws: wss:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'self'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'origin-agent-cluster': '?1',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-dns-prefetch-control': 'off',
        'x-download-options': 'noopen',
        'x-frame-options': 'SAMEORIGIN',
        'x-permitted-cross-domain-policies': 'none',
        'x-xss-protection': '0',
      })
      expect(headers.has('strict-transport-security')).toBe(false)
    }
  })
})

describe('metrics', () => {
  test('have a listener of their own, and say how it goes without naming anybody', async () => {
    const { openMetricsListener } = await import('../../src/ops/metrics-listener.ts')
    const { Metrics } = await import('../../src/ops/metrics.ts')
    const metrics = new Metrics({
      connections: () => 3,
      ledgerUsers: () => 2,
      ledgerBytes: () => 1_000,
      outboxAgeMs: () => 1_500,
      fellBack: () => 1,
    })
    metrics.badgeSent({ latencyMs: 2.4 })
    metrics.groupCommitted({ items: 7, messages: 5, queuedMs: 1, commitMs: 2 })
    metrics.requestAnswered({ route: '/v1/rooms/:roomId', method: 'GET', status: 200, durationMs: 12 })
    metrics.framesPublished({ frames: 4, ok: false })
    const listener = await openMetricsListener({ host: '127.0.0.1', port: 0, registry: metrics.registry })
    const answer = await fetch(`http://127.0.0.1:${listener.port}/metrics`)
    const text = await answer.text()
    expect(answer.status).toBe(200)
    for (const line of [
      'tally_connections 3',
      'tally_outbox_age_seconds 1.5',
      'tally_messages_total 5',
      'tally_bus_frames_total{outcome="lost"} 4',
      'tally_ledger_fell_back 1',
      'tally_badge_latency_seconds_bucket{le="0.003"} 1',
      'tally_badge_latency_seconds_bucket{le="0.002"} 0',
      'tally_http_request_seconds_count{route="/v1/rooms/:roomId",method="GET",status="200"} 1',
    ]) {
      expect(text).toContain(line)
    }
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
    const busy = /^tally_event_loop_busy_seconds_total (\S+)$/m.exec(text)?.[1]
    expect(Number(busy)).toBeGreaterThan(0)
    expect((await fetch(`http://127.0.0.1:${listener.port}/`)).status).toBe(404)
    await listener.close()
  })

  test('tell what they can while the database is away', async () => {
    const { Metrics } = await import('../../src/ops/metrics.ts')
    const metrics = new Metrics({
      connections: () => 3,
      ledgerUsers: () => 2,
      ledgerBytes: () => 1_000,
      outboxAgeMs: () => Promise.reject(new Error('away')),
      fellBack: () => 0,
    })
    const text = await metrics.registry.metrics()
    expect(text).toContain('tally_connections 3')
    expect(text).toContain('tally_outbox_age_seconds Nan')
  })
})

describe('the web page', () => {
  const folders: string[] = []
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

  async function pageIn(files: Record<string, string>) {
    const folder = await mkdtemp(join(tmpdir(), 'tally-page-'))
    folders.push(folder)
    await mkdir(join(folder, 'assets'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const { default: Fastify } = await import('fastify')
    const { serveWebPage } = await import('../../src/edges/http/web-page.ts')
    const app = Fastify()
    // Only the type of the logger differs.
    await serveWebPage(app as unknown as HttpApp, folder)
    return app
  }

  test('is shown at its addresses, always fresh; its hashed files are kept for ever', async () => {
    const app = await pageIn({
      'index.html': '<title>Tally</title>',
      'assets/app-1a2b.js': 'run()',
      'icon.svg': '<svg/>',
    })
    for (const url of ['/', '/demo', '/demo/', '/design', '/r/0197f3c2', '/r/0197f3c2/7']) {
      const answer = await app.inject(url)
      expect(answer).toMatchObject({ statusCode: 200, body: '<title>Tally</title>' })
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      })
    }
    const script = await app.inject('/assets/app-1a2b.js')
    expect(script).toMatchObject({ statusCode: 200, body: 'run()' })
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await app.inject('/icon.svg')).headers['cache-control']).toBe('no-cache')
    await app.close()
  })

  test('comes packed to whoever can unpack it, and as it is to everybody else', async () => {
    const app = await pageIn({
      'index.html': '<title>Tally</title>',
      'index.html.br': 'packed page',
      'assets/app-1a2b.js': 'run()',
      'assets/app-1a2b.js.br': 'packed script',
      'assets/app-1a2b.js.gz': 'zipped script',
    })
    const ask = (url: string, encoding: string) =>
      app.inject({ url, headers: { 'accept-encoding': encoding } })
    const script = await ask('/assets/app-1a2b.js', 'gzip, deflate, br')
    expect(script.body).toBe('packed script')
    expect(script.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': expect.stringContaining('javascript'),
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(script.headers['vary']).toMatch(/accept-encoding/i)
    expect((await ask('/assets/app-1a2b.js', 'gzip')).body).toBe('zipped script')
    expect((await ask('/assets/app-1a2b.js', 'identity')).body).toBe('run()')
    expect((await ask('/r/0197f3c2', 'br')).body).toBe('packed page')
    await app.close()
  })

  test('serves its own files and no others', async () => {
    const app = await pageIn({ 'index.html': '<title>Tally</title>' })
    for (const url of [
      '/../package.json',
      '/assets/../../etc/passwd',
      '/%2e%2e%2fetc/passwd',
      '/assets/',
      '/nothing.js',
    ]) {
      expect((await app.inject(url)).statusCode).toBe(404)
    }
    await app.close()
  })

  test('is what somebody sees who goes to an address where nothing is; a program is refused', async () => {
    const app = await pageIn({ 'index.html': '<title>Tally</title>' })
    const ask = (url: string, accept: string) => app.inject({ url, headers: { accept } })
    const browser = 'text/html,application/xhtml+xml,*/*;q=0.8'
    const seen = await ask('/nothing/here', browser)
    expect(seen).toMatchObject({ statusCode: 404, body: '<title>Tally</title>' })
    expect(seen.headers['vary']).toMatch(/accept\b(?!-)/)
    expect(seen.headers).not.toHaveProperty('etag')
    for (const [url, accept] of [
      ['/nothing/here', '*/*'],
      ['/assets/gone-1a2b.js', '*/*'],
      ['/v1/nothing', browser],
      ['/api/nothing', browser],
    ] as const) {
      const refused = await ask(url, accept)
      expect(refused.statusCode).toBe(404)
      expect(refused.json()).toMatchObject({
        [url.startsWith('/api/') ? 'errorType' : 'error']: expect.anything(),
      })
    }
    await app.close()
  })

  test('that is not built says how to build it', async () => {
    const app = await pageIn({})
    const answer = await app.inject('/')
    expect(answer).toMatchObject({ statusCode: 503 })
    expect(answer.body).toContain('npm run build')
    await app.close()
  })
})
