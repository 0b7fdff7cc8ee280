import { createStoredChoice, type StoredChoice } from '../stored-choice.ts'

export const LANGUAGES = ['ko', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** The language of a browser that wants `tags`, most wanted first: Korean if it comes before English, else English. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    const [primary] = tag.toLowerCase().split('-')
    const language = LANGUAGES.find((known) => known === primary)
    if (language !== undefined) return language
  }
  return 'en'
}

/** The page's language: the person's choice, or else the browser's. */
export function createLanguageChoice(): StoredChoice<Language> {
  return createStoredChoice('tally.language', LANGUAGES, languageOf(navigator.languages))
}
