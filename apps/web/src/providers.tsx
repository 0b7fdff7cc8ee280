import type { i18n as I18n } from 'i18next'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { I18nextProvider } from 'react-i18next'
import { AlertsContext, createAlertStore } from './alerts/alert-settings.ts'
import { createFormat } from './format/format.ts'
import { FormatContext } from './format/format-context.ts'
import { useSpoken } from './i18n/i18n.ts'
import type { Language } from './i18n/language.ts'
import { PreferencesContext, useChoice } from './preferences.ts'
import { registerServiceWorker } from './pwa/register-service-worker.ts'
import { createRouter, RouterContext } from './routing/router.ts'
import { createSession, SessionContext } from './session/session.ts'
import { TRANSPORTS } from './settings/transports.ts'
import { createStoredChoice, type StoredChoice } from './stored-choice.ts'
import { createTheme } from './theme/theme.ts'
import { MissingCode } from './ui/missing-code.tsx'
import { ToastList } from './ui/toast-list.tsx'
import { createToasts, ToastsContext } from './ui/toasts.ts'

type ProvidersProps = {
  /** Speaks the language chosen so far. */
  i18n: I18n
  language: StoredChoice<Language>
  children: ReactNode
}

/** Everything the whole page shares: language, theme, address, who this tab is, short messages. */
export function Providers({ i18n, language: choice, children }: ProvidersProps) {
  const [shared] = useState(() => ({
    preferences: {
      theme: createTheme(),
      language: choice,
      transport: createStoredChoice('tally.transport', TRANSPORTS, 'auto'),
    },
    alerts: createAlertStore(),
    router: createRouter(),
    session: createSession(),
    toasts: createToasts(),
  }))
  useEffect(() => registerServiceWorker(shared.router.go), [shared])
  const [chosen] = useChoice(shared.preferences.language)
  const language = useSpoken(i18n, chosen)
  const format = useMemo(() => createFormat(language), [language])

  return (
    <PreferencesContext value={shared.preferences}>
      <I18nextProvider i18n={i18n}>
        <FormatContext value={format}>
          <RouterContext value={shared.router}>
            <SessionContext value={shared.session}>
              <AlertsContext value={shared.alerts}>
                <ToastsContext value={shared.toasts}>
                  {children}
                  <ToastList />
                  <MissingCode />
                </ToastsContext>
              </AlertsContext>
            </SessionContext>
          </RouterContext>
        </FormatContext>
      </I18nextProvider>
    </PreferencesContext>
  )
}
