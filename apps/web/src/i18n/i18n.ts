import { createInstance, type i18n } from 'i18next'
import { useEffect, useState } from 'react'
import { fetched, useFetched } from '../ui/fetched.ts'
import type { Language } from './language.ts'

/** Each language comes when it is spoken: most people need one of them only. */
const WORDS = {
  ko: fetched(async () => (await import('./ko.ts')).ko),
  en: fetched(async () => (await import('./en.ts')).en),
}

/** The words of the interface in `language`. @throws when they cannot be had */
export async function createI18n(language: Language): Promise<i18n> {
  const instance = createInstance()
  await instance.init({
    lng: language,
    resources: { [language]: { translation: await WORDS[language].fetch() } },
    // React writes text as text; escaping here as well would show people `&lt;`.
    interpolation: { escapeValue: false },
  })
  return instance
}

/**
 * Switches to the language that is `chosen` as soon as its words are there, in place.
 * @returns the language that is spoken until then
 */
export function useSpoken(instance: i18n, chosen: Language): Language {
  const [spoken, setSpoken] = useState(chosen)
  const words = useFetched<object>(WORDS[chosen])
  useEffect(() => {
    if (words === null) return
    speak(instance, chosen, words)
    document.documentElement.lang = chosen
    setSpoken(chosen)
  }, [instance, chosen, words])
  return spoken
}

/** At once: its words are there. */
export function speak(instance: i18n, language: Language, words: object): void {
  instance.addResourceBundle(language, 'translation', words)
  void instance.changeLanguage(language)
}
