import { Check, Languages, Monitor, Moon, Sun, SunMoon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../i18n/language.ts'
import { useChoice, usePreferences } from '../preferences.ts'
import { LANGUAGE_NAMES } from '../settings/language-names.ts'
import { THEMES } from '../theme/theme.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon }

/** Language and theme in a button. What holds is ticked. */
export function AppearanceMenu() {
  const { t } = useTranslation()
  const preferences = usePreferences()
  const [language, setLanguage] = useChoice(preferences.language)
  const [theme, setTheme] = useChoice(preferences.theme)
  return (
    <Menu
      entries={[
        ...LANGUAGES.map((value) => ({
          icon: value === language ? Check : Languages,
          text: LANGUAGE_NAMES[value],
          onSelect: () => setLanguage(value),
        })),
        'line' as const,
        ...THEMES.map((value) => ({
          icon: value === theme ? Check : THEME_ICONS[value],
          text: t(`settings.${value}`),
          onSelect: () => setTheme(value),
        })),
      ]}
      trigger={<IconButton icon={SunMoon} label={t('frame.appearance')} />}
    />
  )
}
