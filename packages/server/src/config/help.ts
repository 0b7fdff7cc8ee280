import type { Variable } from './variable.ts'
import { VARIABLES, VARIABLES_WITHOUT_EFFECT } from './variables.ts'

const TITLES: Readonly<Record<keyof typeof VARIABLES, string>> = {
  listening: 'Listening',
  storage: 'Storage',
  files: 'Files of messages',
  sharing: 'Several servers',
  identity: 'Identity',
  behaviour: 'Behaviour',
  limits: 'Limits',
}

/** What `--help` prints. */
export function formatHelp(): string {
  const groups = eachGroup((title, variables) => {
    const entries = variables.map(
      (variable) =>
        `  ${variable.name}\n      ${plain(variable.description)}\n` +
        `      ${variable.type.expects}; default: ${plain(defaultOf(variable))}`,
    )
    return `${title}\n${entries.join('\n')}`
  })
  return [
    'Tally: real-time chat with exact unread badges.',
    'Configured by environment variables; an empty one counts as absent.',
    ...groups,
    `Known, but without effect in this version\n${withoutEffect((name, instead) => `  ${name}: ${instead}`)}`,
  ].join('\n\n')
}

/** The same as Markdown: docs/CONFIGURATION.md is this text, and a test keeps it so. */
export function formatMarkdown(): string {
  const groups = eachGroup((title, variables) => {
    const rows = variables.map(
      (variable) =>
        `| \`${variable.name}\` | ${variable.type.expects} | ${markdownDefaultOf(variable)} | ${variable.description} |`,
    )
    return `## ${title}\n\n| variable | value | default | |\n|---|---|---|---|\n${rows.join('\n')}`
  })
  return `${[
    '# Configuration',
    'Everything is set by environment variables; an empty one counts as absent. A bad value, a `TALLY_*` variable that does not exist, and in production a missing way to check tokens refuse to start, naming the variable and what it should be. `npm start -- --help` prints this list.',
    ...groups,
    '## Known, but without effect in this version',
    'Set, they are ignored with a warning in the log.',
    withoutEffect((name, instead) => `- \`${name}\`: ${instead}`),
  ].join('\n\n')}\n`
}

function eachGroup(format: (title: string, variables: Variable<unknown>[]) => string): string[] {
  const groups: Readonly<Record<string, Readonly<Record<string, Variable<unknown>>>>> = VARIABLES
  return Object.entries(TITLES).map(([name, title]) => format(title, Object.values(groups[name] ?? {})))
}

function withoutEffect(format: (name: string, instead: string) => string): string {
  return Object.entries(VARIABLES_WITHOUT_EFFECT)
    .map(([name, instead]) => format(name, instead))
    .join('\n')
}

function defaultOf({ fallback, fallbackText }: Variable<unknown>): string {
  return fallbackText ?? (fallback === undefined ? 'none' : String(fallback))
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '')
}

function markdownDefaultOf(variable: Variable<unknown>): string {
  const { fallback, fallbackText } = variable
  const inWords = fallbackText !== undefined || fallback === undefined
  return inWords ? defaultOf(variable) : `\`${defaultOf(variable)}\``
}
