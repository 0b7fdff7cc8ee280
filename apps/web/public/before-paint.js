// Theme and language are decided before the first paint, so that neither flashes. A file of its own, because the page
// allows no inline script. The keys and the rules are those of src/theme/theme.ts and src/i18n/language.ts.
;(() => {
  const root = document.documentElement
  let theme = null
  let language = null
  try {
    theme = localStorage.getItem('tally.theme')
    language = localStorage.getItem('tally.language')
  } catch {
    // Storage may be forbidden: the system's wishes hold.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  const wanted = [language, ...navigator.languages].map((tag) => /^(ko|en)\b/i.exec(tag ?? '')?.[1])
  root.lang = wanted.find((tag) => tag !== undefined)?.toLowerCase() ?? 'en'
})()
