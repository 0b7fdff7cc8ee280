import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { I18nextProvider } from 'react-i18next'
import { AlertsContext, createAlertStore } from './alerts/alert-settings.ts'
import { createFormat } from './format/format.ts'
import { FormatContext } from './format/format-context.ts'
import { createI18n } from './i18n/i18n.ts'
import { createLanguageChoice } from './i18n/language.ts'
import { PreferencesContext, useChoice } from './preferences.ts'
import { registerServiceWorker } from './pwa/register-service-worker.ts'
import { createRouter, RouterContext } from './routing/router.ts'
import { createSession, SessionContext } from './session/session.ts'
import { TRANSPORTS } from './settings/transports.ts'
import { createStoredChoice } from './stored-choice.ts'
import { createTheme } from './theme/theme.ts'
import { ToastList } from './ui/toast-list.tsx'
import { createToasts, ToastsContext } from './ui/toasts.ts'

/** Everything the whole page shares: language, theme, address, who this tab is, short messages. */
export function Providers({ children }: { children: ReactNode }) {
  const [shared] = useState(() => {
    const language = createLanguageChoice()
    return {
      preferences: {
        theme: createTheme(),
        language,
        transport: createStoredChoice('tally.transport', TRANSPORTS, 'auto'),
      },
      alerts: createAlertStore(),
      i18n: createI18n(language.get()),
      router: createRouter(),
      session: createSession(),
      toasts: createToasts(),
    }
  })
  useEffect(() => registerServiceWorker(shared.router.go), [shared])
  const [language] = useChoice(shared.preferences.language)
  const format = useMemo(() => createFormat(language), [language])
  useEffect(() => {
    document.documentElement.lang = language
    void shared.i18n.changeLanguage(language)
  }, [language, shared])

  return (
    <PreferencesContext value={shared.preferences}>
      <I18nextProvider i18n={shared.i18n}>
        <FormatContext value={format}>
          <RouterContext value={shared.router}>
            <SessionContext value={shared.session}>
              <AlertsContext value={shared.alerts}>
                <ToastsContext value={shared.toasts}>
                  {children}
                  <ToastList />
                </ToastsContext>
              </AlertsContext>
            </SessionContext>
          </RouterContext>
        </FormatContext>
      </I18nextProvider>
    </PreferencesContext>
  )
}
