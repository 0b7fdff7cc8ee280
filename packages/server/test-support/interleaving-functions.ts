import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../src/store/functions/', import.meta.url)

/** The border between two statements of a function, as its source marks it. */
const BORDER = /^( *)--\| step (.+)\n/gm

/** A step of a function that inserts rows others could stumble over; the outbox has no key but its own number. */
const INSERTS = /\binsert into (?!outbox\b)/

/** A step of a function that locks rows; what is written is locked. */
const LOCKS = /\bfor no key update\b|\b(update|delete from)\b/

const VOLATILE = /^returns .*\bvolatile$/m

const SKIPS_LOCKED = /\bskip locked\b/

const TABLE = /\b(user|room|member|message|reaction|block)s\b/g

/** The source of a function of the database. */
export type FunctionSource = { readonly name: string; readonly text: string }

/** Every function of the database. */
export function readFunctions(): FunctionSource[] {
  return readdirSync(FOLDER)
    .map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
    .map((text) => ({ name: nameIn(text), text }))
}

/** Whether a function marks its borders. */
export function isMarked({ text }: FunctionSource): boolean {
  return text.search(BORDER) >= 0
}

/** Whether a function may write. */
export function isWriting({ text }: FunctionSource): boolean {
  return VOLATILE.test(text)
}

/** What the words of a step say about it. */
export type StepTraits = {
  /** Whether it may lock or write rows; otherwise it only looks. */
  readonly locks: boolean
  readonly inserts: boolean
  /** Kinds of rows of which it leaves out those that others have locked: `room`, `member` … */
  readonly skips: ReadonlySet<string>
}

/** The steps of functions by their full names. */
export function stepsOf(functions: readonly FunctionSource[]): Map<string, StepTraits> {
  const writes = (words: string) => INSERTS.test(words) || LOCKS.test(words)
  const writers = functions.filter(({ text }) => writes(text)).map(({ name }) => `${name}(`)
  const traitsOf = (words: string): StepTraits => {
    const skips = SKIPS_LOCKED.test(words) ? Array.from(words.matchAll(TABLE), ([, kind]) => kind!) : []
    return {
      inserts: INSERTS.test(words),
      locks: writes(words) || writers.some((name) => words.includes(name)),
      skips: new Set(skips),
    }
  }
  return new Map(
    functions.flatMap(({ name, text }) =>
      [...text.matchAll(BORDER)].map((border, index, borders): [string, StepTraits] => [
        placeOf(name, border[2]!),
        traitsOf(text.slice(border.index + border[0].length, borders[index + 1]?.index)),
      ]),
    ),
  )
}

/** The same function, with a pause at each border (`interleaving_pause` in interleaving-session.ts). */
export function withPauses({ name, text }: FunctionSource): string {
  if (text.search(BORDER) >= 0 && !/^begin\n *--\| step /m.test(text)) {
    throw new Error(`${name} does something before its first border`)
  }
  // An IF without a body: unlike PERFORM it leaves FOUND as it was.
  return text.replace(
    BORDER,
    (_, indent: string, step: string) =>
      `${indent}if interleaving_pause('${placeOf(name, step)}') then end if;\n`,
  )
}

/** The same function that looks at rows in a step, or everywhere, without locking them. */
export function withoutLocks(source: FunctionSource, step?: string): FunctionSource {
  return withOtherWords(source, / for no key update( of \w+)?( skip locked)?/g, '', step)
}

/** The same function with other words in one of its steps, or everywhere. */
export function withOtherWords(
  source: FunctionSource,
  words: RegExp,
  others: string,
  step?: string,
): FunctionSource {
  const [start, end] = step === undefined ? [0, source.text.length] : spanOf(source, step)
  const changed = source.text.slice(start, end).replace(words, others)
  const text = source.text.slice(0, start) + changed + source.text.slice(end)
  if (text === source.text) throw new Error(`${placeOf(source.name, step ?? '…')} does not say ${words}`)
  return { ...source, text }
}

function spanOf({ name, text }: FunctionSource, step: string): [start: number, end: number] {
  const borders = [...text.matchAll(BORDER)]
  const index = borders.findIndex((border) => border[2] === step)
  const border = borders[index]
  if (border === undefined) throw new Error(`${name} has no step "${step}"`)
  return [border.index, borders[index + 1]?.index ?? text.length]
}

function placeOf(name: string, step: string): string {
  return `${name}: ${step}`
}

function nameIn(text: string): string {
  const name = /^create or replace function (\w+)\(/m.exec(text)?.[1]
  if (name === undefined) throw new Error(`no function in:\n${text}`)
  return name
}
