import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
/** Tools that would tell their makers of every run. */
const QUIET = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }

/** The packages as they are published, in a folder of their own. */
export async function packPackages() {
  const folder = await mkdtemp(join(tmpdir(), 'tally-packed-'))
  const workspaces = ['@tally/client', '@tally/react'].flatMap((name) => ['--workspace', name])
  const { stdout } = await run('npm', ['pack', '--json', ...workspaces, '--pack-destination', folder], {
    cwd: ROOT,
    maxBuffer: 16 << 20,
  })
  // What their builds say stands before it.
  const packed = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { name: string; filename: string }[]
  const tarballs = Object.fromEntries(packed.map(({ name, filename }) => [name, join(folder, filename)]))
  return { tarballs, remove: () => rm(folder, { recursive: true, force: true }) }
}

/**
 * An example in a fresh folder outside of the repository, with the packed packages installed.
 * @param options.optional whether to install what is made for one machine only; true unless given.
 */
export async function installExample(
  example: string,
  tarballs: Readonly<Record<string, string>>,
  { optional = true }: { optional?: boolean } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), `tally-${example}-`))
  await cp(join(ROOT, 'examples', example), folder, { recursive: true })
  const manifestPath = join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const [name, tarball] of Object.entries(tarballs)) {
    if (name in manifest.dependencies) manifest.dependencies[name] = `file:${tarball}`
  }
  await writeFile(manifestPath, JSON.stringify(manifest))
  // What `npm ci` of the repository fetched need not be fetched again.
  const how = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...how, ...(optional ? [] : ['--omit=optional'])], { cwd: folder })
  return {
    folder,
    run: (program: string, ...args: string[]) =>
      run(join(folder, 'node_modules/.bin', program), args, { cwd: folder, env: QUIET }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const ADDRESS = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/

/** Starts a program that prints its address once it listens. */
export function startProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(program, args, { ...options, env: { ...QUIET, NO_COLOR: '1', ...options.env } })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const url = ADDRESS.exec(output)?.[0]
      if (url === undefined) return
      resolve({
        url,
        stop: () => {
          child.kill('SIGTERM')
          return ended
        },
      })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)))
  })
}

/** The tool of the repository itself. */
export const repositoryTool = (name: string): string => join(ROOT, 'node_modules/.bin', name)
