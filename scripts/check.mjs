import { spawnSync } from 'node:child_process'
import { root } from './run-command.mjs'
import { tidinessChecks } from './tidiness-checks.mjs'

// All of them run, whatever fails first: one look shows everything there is to tidy.
const broken = tidinessChecks.filter(({ promise, command, args }) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok    ' : 'BROKEN'} ${promise}`)
  return status !== 0
})
process.exitCode = broken.length === 0 ? 0 : 1
