import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../i18n/language.ts'
import { useChoice, usePreferences } from '../preferences.ts'
import { THEMES } from '../theme/theme.ts'
import { Segmented } from '../ui/segmented.tsx'
import { LANGUAGE_NAMES } from './language-names.ts'

export function LanguageSetting() {
  const { t } = useTranslation()
  const [language, setLanguage] = useChoice(usePreferences().language)
  return (
    <Segmented
      label={t('settings.language')}
      onChange={setLanguage}
      options={LANGUAGES.map((value) => ({ value, text: LANGUAGE_NAMES[value] }))}
      value={language}
    />
  )
}

export function ThemeSetting() {
  const { t } = useTranslation()
  const [theme, setTheme] = useChoice(usePreferences().theme)
  return (
    <Segmented
      label={t('settings.theme')}
      onChange={setTheme}
      options={THEMES.map((value) => ({ value, text: t(`settings.${value}`) }))}
      value={theme}
    />
  )
}
