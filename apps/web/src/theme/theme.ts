import { createStoredChoice, type StoredChoice } from '../stored-choice.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** The page's paper, for the browser's own bars around it. */
const PAPER = { light: '#fbfaf8', dark: '#171614' }

/**
 * The theme of the page: the person's choice, or what the system asks for, at once when either changes.
 * The first paint is not decided here but in `public/before-paint.js`, by the same rule.
 */
export function createTheme(): StoredChoice<Theme> {
  const choice = createStoredChoice('tally.theme', THEMES, 'system')
  const system = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const theme = choice.get()
    const dark = theme === 'dark' || (theme === 'system' && system.matches)
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
    document
      .querySelector('meta[name="theme-color"]')
      ?.setAttribute('content', dark ? PAPER.dark : PAPER.light)
  }
  system.addEventListener('change', apply)
  choice.subscribe(apply)
  apply()
  return choice
}
