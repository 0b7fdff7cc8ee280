import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { createTally, type RoomId } from '@tally/client'
import type { Browser } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../../apps/web/test-support/start-server.ts'
import { type OpenPage, openPage, startBrowser } from './browser.ts'
import { installExample, packPackages, repositoryTool, startProgram } from './published-packages.ts'

const run = promisify(execFile)
const soon = { timeout: 20_000 }

describe('the packages as they are published, in a fresh Vite app', { timeout: 60_000 }, () => {
  let packed: Awaited<ReturnType<typeof packPackages>>
  let app: Awaited<ReturnType<typeof installExample>>
  let server: Awaited<ReturnType<typeof startServer>>
  let site: Awaited<ReturnType<typeof startProgram>>
  let browser: Browser

  beforeAll(async () => {
    packed = await packPackages()
    app = await installExample('vite-react', packed.tarballs)
    await app.run('vite', 'build')
    ;[server, browser] = await Promise.all([startServer(), startBrowser()])
    site = await startProgram(
      join(app.folder, 'node_modules/.bin/vite'),
      ['preview', '--port', '0', '--host', '127.0.0.1'],
      {
        cwd: app.folder,
        env: { TALLY_URL: server.url },
      },
    )
  }, 600_000)

  afterAll(async () => {
    await browser?.close()
    await site?.stop()
    await server?.stop()
    await app?.remove()
    await packed?.remove()
  })

  test('thirty lines of a person’s own are a messenger with badges', async () => {
    const source = await readFile(join(app.folder, 'src/main.tsx'), 'utf8')
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(30)
    await createRoom(server.url, 'ann', 'bob')
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map(async (name) =>
        openPage(browser, `${site.url}/?token=${await login(server.url, name)}`),
      ),
    )
    const { page } = ann as OpenPage
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    await page.getByRole('textbox', { name: 'Write a message' }).fill('hello from a package')
    await page.keyboard.press('Enter')
    const other = (bob as OpenPage).page
    const total = other.locator('h1 [data-count]')
    await expect
      .poll(() => total.getAttribute('data-count', { timeout: 500 }).catch(() => null), soon)
      .toBe('1')
    await expect.poll(() => other.title(), soon).toBe('(1) Jobs')
    await other.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    await other.getByRole('article').filter({ hasText: 'hello from a package' }).waitFor()
    await expect.poll(() => total.count(), soon).toBe(0)
    await page.getByRole('article', { name: 'You' }).getByText('Read', { exact: true }).waitFor()
    expect([ann, bob].flatMap((opened) => opened?.problems ?? [])).toEqual([])
    await Promise.all([ann, bob].map((opened) => opened?.context.close()))
  })

  test('a script in Node answers who wrote, and ends', async () => {
    const script = await installExample('node-script', packed.tarballs)
    const roomId = await createRoom(server.url, 'visitor', 'bot')
    const visitor = createTally({ url: server.url, token: () => login(server.url, 'visitor') })
    visitor.start()
    const close = visitor.room(roomId).open()
    visitor.room(roomId).send('Is anybody there?')
    await expect.poll(() => visitor.room(roomId).messages.get().items[0]?.state, soon).toBe('sent')
    const { stdout } = await run(process.execPath, ['greet.ts'], {
      cwd: script.folder,
      env: { ...process.env, TALLY_URL: server.url, TALLY_TOKEN: await login(server.url, 'bot') },
      timeout: 30_000,
    })
    expect(stdout).toBe('Unread: 0\n')
    const texts = () =>
      visitor
        .room(roomId)
        .messages.get()
        .items.map(({ text }) => text)
    await expect.poll(texts, soon).toEqual(['Is anybody there?', 'Thank you, we have received your message.'])
    close()
    await visitor.stop()
    await script.remove()
  })

  test('their types hold where nothing of the repository is near', async () => {
    const { stdout } = await run(repositoryTool('tsc'), ['--project', app.folder]).catch((error) => error)
    expect(stdout).toBe('')
  })

  test('a screen in React Native holds against the real types of it', { timeout: 300_000 }, async () => {
    const screen = await installExample('react-native', packed.tarballs, { optional: false })
    const { stdout } = await screen.run('tsc', '--project', '.').catch((error) => error)
    expect(stdout).toBe('')
    await screen.remove()
  })

  test('a page in Next.js polls through its own route', { timeout: 300_000 }, async () => {
    const next = await installExample('next', packed.tarballs)
    await next.run('next', 'build')
    const pages = await startProgram(
      join(next.folder, 'node_modules/.bin/next'),
      ['start', '--port', '0', '--hostname', '127.0.0.1'],
      { cwd: next.folder, env: { TALLY_URL: server.url } },
    )
    const roomId = await createRoom(server.url, 'ann', 'reader')
    const token = await login(server.url, 'reader')
    const ann = createTally({ url: server.url, token: () => login(server.url, 'ann') })
    ann.start()
    ann.room(roomId).send('hello from elsewhere')
    const { page, context, problems } = await openPage(browser, `${pages.url}/rooms/${roomId}`, {
      prepare: (it) => it.context().addCookies([{ name: 'tally-token', value: token, url: pages.url }]),
    })
    const shown = () => page.getByRole('list', { name: 'Messages' }).getByRole('listitem').allTextContents()
    await expect.poll(shown, soon).toEqual(['ann: hello from elsewhere'])
    ann.room(roomId).send('and one more')
    await expect.poll(shown, soon).toEqual(['ann: hello from elsewhere', 'ann: and one more'])
    await page.getByText('1 here now').waitFor()
    expect(problems).toEqual([])
    await context.close()
    await ann.stop()
    await pages.stop()
    await next.remove()
  })

  test('the client is below 25 KB, without socket.io-client, which is loaded only where it is used', async () => {
    const bundle = await rolldown({
      input: join(app.folder, 'node_modules/@tally/client/dist/index.js'),
      external: ['socket.io-client'],
      platform: 'browser',
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    await bundle.close()
    const code = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n')
    expect(code).toContain(
      'import("socket.io-client")'.replaceAll('"', code.includes('import(`socket.io-client`)') ? '`' : '"'),
    )
    expect(code).not.toMatch(/from\s*["'`](socket\.io-client|zod)/)
    expect(gzipSync(code).length).toBeLessThan(25_000)
  })

  test('importing them does nothing: what is not used is not there', async () => {
    const bundle = await rolldown({
      input: 'app',
      plugins: [
        {
          name: 'an app that imports and uses nothing',
          resolveId: (id) => (id === 'app' ? id : undefined),
          load: (id) =>
            id === 'app'
              ? `import '${app.folder}/node_modules/@tally/client/dist/index.js'\nimport '${app.folder}/node_modules/@tally/react/dist/index.js'`
              : undefined,
        },
      ],
      platform: 'browser',
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    await bundle.close()
    expect(output[0].code.length).toBeLessThan(200)
  })
})

async function createRoom(url: string, ...userIds: [string, string]): Promise<RoomId> {
  const [token] = await Promise.all(userIds.map((userId) => login(url, userId)))
  const response = await fetch(`${url}/v1/rooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ kind: 'direct', memberIds: userIds }),
  })
  if (!response.ok) throw new Error(await response.text())
  return ((await response.json()) as { id: RoomId }).id
}

async function login(url: string, userId: string): Promise<string> {
  const response = await fetch(`${url}/dev/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, name: userId }),
  })
  return ((await response.json()) as { token: string }).token
}
