import { createContext, useContext } from 'react'
import { englishTexts } from './english.ts'
import { createFormat, type Format } from './format.ts'
import { koreanTexts } from './korean.ts'
import type { Texts } from './texts.ts'

/** Languages whose words are built in. For another one, give all `texts`, and its dates follow `language`. */
export type Language = 'en' | 'ko' | (string & {})

export type Wording = { texts: Texts; format: Format }

type WordingInput = {
  language: Language
  texts?: Partial<Texts> | undefined
  timeZone?: string | undefined
}

export function wordingOf({ language, texts, timeZone }: WordingInput): Wording {
  const builtIn = language === 'ko' || language.startsWith('ko-') ? koreanTexts : englishTexts
  return { texts: { ...builtIn, ...texts }, format: createFormat(language, timeZone) }
}

export const TextsContext = createContext<Wording>(wordingOf({ language: 'en' }))

/** The words of the nearest provider, with a component's own ones in place of some. */
export function useWording(own: Partial<Texts> | undefined): Wording {
  const wording = useContext(TextsContext)
  return own === undefined ? wording : { ...wording, texts: { ...wording.texts, ...own } }
}
