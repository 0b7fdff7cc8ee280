import type { Device, DeviceKind } from '@tally/protocol'
import Bowser from 'bowser'

/** Longer ones are nobody's, and would only be work. */
const USER_AGENT_CHARS = 512

const KINDS: Readonly<Record<string, DeviceKind>> = { desktop: 'computer', mobile: 'phone', tablet: 'tablet' }

/** What a device is, as far as its user agent says: for people to recognize it, and nothing is decided by it. */
export function deviceLooks(userAgent: string | undefined): Pick<Device, 'kind' | 'browser' | 'os'> {
  const text = (userAgent ?? '').slice(0, USER_AGENT_CHARS)
  if (text === '') return { kind: 'other', browser: null, os: null }
  const { browser, os, platform } = Bowser.parse(text)
  return {
    kind: KINDS[platform.type ?? ''] ?? 'other',
    browser: nameOf(browser.name),
    os: nameOf(os.name),
  }
}

function nameOf(name: string | undefined): string | null {
  return name === undefined || name === '' ? null : name.slice(0, 64)
}
