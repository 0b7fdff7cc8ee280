import { createInstance, type i18n } from 'i18next'
import type { Language } from './language.ts'

/** Each language comes when it is spoken: most people need one of them only. */
const WORDS = {
  ko: async () => (await import('./ko.ts')).ko,
  en: async () => (await import('./en.ts')).en,
}

/** The words of the interface in `language`; `speak` switches them in place. */
export async function createI18n(language: Language): Promise<i18n> {
  const instance = createInstance()
  await instance.init({
    lng: language,
    resources: { [language]: { translation: await WORDS[language]() } },
    // React writes text as text; escaping here as well would show people `&lt;`.
    interpolation: { escapeValue: false },
  })
  return instance
}

/** Switches to `language` once its words are there. */
export async function speak(instance: i18n, language: Language): Promise<void> {
  if (!instance.hasResourceBundle(language, 'translation')) {
    instance.addResourceBundle(language, 'translation', await WORDS[language]())
  }
  await instance.changeLanguage(language)
}
