import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { en } from './en.ts'
import { createI18n, speak } from './i18n.ts'
import { ko } from './ko.ts'
import { languageOf } from './language.ts'

const SOURCES = join(import.meta.dirname, '..')

type Words = { [key: string]: string | string[] | Words }

const texts = (words: Words, path = ''): [string, string | string[]][] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' || Array.isArray(value)
      ? [[`${path}${key}`, value] as [string, string | string[]]]
      : texts(value, `${path}${key}.`),
  )

const PLURAL = /_(zero|one|two|few|many|other)$/
const keysOf = (words: Words) => texts(words).map(([key]) => key)
const withoutPlurals = (words: Words) =>
  [...new Set(keysOf(words).map((key) => key.replace(PLURAL, '')))].sort()
const slots = (text: string | string[]) => [...new Set(String(text).match(/\{\{\w+/g))].sort()

test('both languages have the same keys', () => {
  expect(withoutPlurals(en)).toEqual(withoutPlurals(ko))
})

test.each([
  ['ko', ko],
  ['en', en],
] as const)('every count has exactly the plural forms that %s has', (language, words) => {
  const forms = new Map<string, string[]>()
  for (const key of keysOf(words)) {
    const form = PLURAL.exec(key)?.[1]
    if (form !== undefined)
      forms.set(key.replace(PLURAL, ''), [...(forms.get(key.replace(PLURAL, '')) ?? []), form])
  }
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
  expect(forms.size).toBeGreaterThan(5)
  for (const [key, has] of forms) expect([key, has.toSorted()]).toEqual([key, wanted])
})

test('a text has the same slots in both languages, and none is empty', () => {
  const korean = new Map(texts(ko))
  for (const [key, text] of texts(en)) {
    expect(text, key).not.toBe('')
    expect([key, slots(text)]).toEqual([key, slots(korean.get(key.replace(/_one$/, '_other')) ?? '')])
  }
})

test('switching the language switches the words in place', async () => {
  const i18n = await createI18n('ko')
  expect(i18n.t('badge.unread', { count: 1 })).toBe('안 읽은 메시지 1개')
  speak(i18n, 'en', en)
  expect(i18n.t('badge.unread', { count: 1 })).toBe('1 unread message')
  expect(i18n.t('badge.unread', { count: 7 })).toBe('7 unread messages')
})

test('a name that looks like markup or like a slot stays what was typed', async () => {
  const i18n = await createI18n('en')
  expect(i18n.t('room.typing', { name: '<b>A & B</b>' })).toBe('<b>A & B</b> is typing…')
})

test('the browser’s first language that we speak is taken, English when there is none', () => {
  expect(languageOf(['fr-FR', 'ko-KR', 'en'])).toBe('ko')
  expect(languageOf(['en-GB', 'ko'])).toBe('en')
  expect(languageOf(['vi'])).toBe('en')
  expect(languageOf([])).toBe('en')
})

test('every text is used somewhere', () => {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n'))
    .map((name) => readFileSync(join(SOURCES, name), 'utf8'))
    .join('\n')
  // t(`chats.${filter}`): the last part of such a key stands somewhere by itself, quoted or as a name.
  const stems = [...sources.matchAll(/t\(`([\w.]+\.)\$\{/g)].map((match) => match[1] ?? '')
  const isUsed = (key: string) =>
    sources.includes(`'${key}'`) ||
    (stems.some((stem) => key.startsWith(stem)) &&
      new RegExp(`['"]${key.split('.').at(-1)}['"]|\\b${key.split('.').at(-1)}:`).test(sources))
  expect(withoutPlurals(ko).filter((key) => !isUsed(key))).toEqual([])
})
