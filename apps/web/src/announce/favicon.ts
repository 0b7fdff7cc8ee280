import { badgeNumber } from '../format/badge-number.ts'

// Browsers draw favicons on their own bars, whose colour the page does not know: the strokes follow the system.
const SIGN = `<path d="M4 4h16"/><path class="f" d="M12 4v16"/><path d="M12 12h6"/><path d="M6.5 11v9"/><path d="M3 20h18"/>`
const STYLE = `<style>path{fill:none;stroke:#1d1b18;stroke-width:2.6;stroke-linecap:round}@media(prefers-color-scheme:dark){path{stroke:#f2efe9}}.f{stroke:#d7372a}</style>`

/** The favicon as an address: the sign, with the total on it when there is one. */
export function faviconHref(total: number): string {
  const label = badgeNumber(total)
  const width = 8 + label.length * 5
  const badge =
    total > 0
      ? `<rect x="${24 - width}" y="11" width="${width}" height="13" rx="6.5" fill="#d7372a"/><text x="${24 - width / 2}" y="21" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="10" fill="#fff">${label}</text>`
      : ''
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${STYLE}${SIGN}${badge}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
