import { createInstance, type i18n } from 'i18next'
import { en } from './en.ts'
import { ko } from './ko.ts'
import type { Language } from './language.ts'

/** The words of the interface in `language`; `changeLanguage` switches them in place. */
export function createI18n(language: Language): i18n {
  const instance = createInstance()
  // Both languages are part of the page, so this is done when the call returns.
  void instance.init({
    initAsync: false,
    lng: language,
    fallbackLng: 'en',
    resources: { ko: { translation: ko }, en: { translation: en } },
    // React writes text as text; escaping here as well would show people `&lt;`.
    interpolation: { escapeValue: false },
  })
  return instance
}
