import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { config } from 'zod'
import { App } from './app.tsx'
import { CrashScreen } from './crash-screen.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { createI18n } from './i18n/i18n.ts'
import { createLanguageChoice } from './i18n/language.ts'
import { Providers } from './providers.tsx'
import './styles/app.css'

// The page's policy forbids code made from text; schemas would try, and every page load would report it.
config({ jitless: true })

const element = document.getElementById('root')
if (element === null) throw new Error('index.html has no #root')
const root = createRoot(element)
const language = createLanguageChoice()
createI18n(language.get()).then(
  (i18n) =>
    root.render(
      <StrictMode>
        <ErrorBoundary>
          <Providers i18n={i18n} language={language}>
            <App />
          </Providers>
        </ErrorBoundary>
      </StrictMode>,
    ),
  () => root.render(<CrashScreen />),
)
