import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { config } from 'zod'
import { App } from './app.tsx'
import { createI18n } from './i18n/i18n.ts'
import { createLanguageChoice } from './i18n/language.ts'
import { Providers } from './providers.tsx'
import './styles/app.css'

// The page's policy forbids code made from text; schemas would try, and every page load would report it.
config({ jitless: true })

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
const language = createLanguageChoice()
const i18n = await createI18n(language.get())
createRoot(root).render(
  <StrictMode>
    <Providers i18n={i18n} language={language}>
      <App />
    </Providers>
  </StrictMode>,
)
