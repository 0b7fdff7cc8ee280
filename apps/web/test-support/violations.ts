import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Window } from './open-window.ts'

const require = createRequire(import.meta.url)
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }
declare const axe: { run: (context: object, options: object) => Promise<AxeResult> }

/** Nothing is on its way in or out any more. What moves for ever is meant to. */
export async function settled({ page }: Window): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity,
      ),
  )
}

/** What axe finds wrong on the page as it stands, by WCAG 2.2 AA. */
export async function violations(window: Window): Promise<string[]> {
  const { page } = window
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(AXE)
  // What is on its way in or out has colours that nobody reads.
  await settled(window)
  const found = await page.evaluate(() =>
    axe.run(
      // Hidden stops that hand the focus on as soon as it reaches them.
      { exclude: [['[data-base-ui-focus-guard]']] },
      {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        resultTypes: ['violations'],
        // A menu stands outside of the page's parts, wherever it opens.
        rules: { region: { enabled: document.querySelector('[role=menu]') === null } },
      },
    ),
  )
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n${failureSummary}`),
  )
}
