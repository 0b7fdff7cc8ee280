import { smoke } from './scenarios/smoke.ts'

const SCENARIOS: Record<string, () => Promise<void>> = { smoke }

const [name = ''] = process.argv.slice(2)
const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined
if (scenario === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(SCENARIOS).join(' | ')}>`)
  process.exitCode = 2
} else {
  await scenario()
}
