import type { TFunction } from 'i18next'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { ko } from './i18n/ko.ts'
import { useToasts } from './ui/toasts.ts'

/** A refusal in words for people. */
export function useRefusalWords(): (error: unknown) => string {
  const { t } = useTranslation()
  return useCallback((error) => refusalWords(t, error), [t])
}

/** Runs something that may be refused, and says so in words if it is. */
export function useAttempt(): (work: Promise<unknown>) => void {
  const { t } = useTranslation()
  const toasts = useToasts()
  return useCallback(
    (work) => void work.catch((error: unknown) => toasts.show(refusalWords(t, error))),
    [t, toasts],
  )
}

type KnownRefusal = keyof (typeof ko)['errors']

const KNOWN: Record<KnownRefusal, true> = {
  general: true,
  offline: true,
  forbidden: true,
  blocked: true,
  room_not_found: true,
  message_not_found: true,
  message_too_long: true,
  message_malformed: true,
  rate_limited: true,
  limit_exceeded: true,
  overloaded: true,
  storage_unavailable: true,
  unauthorized: true,
  payload_too_large: true,
  attachment_refused: true,
  attachment_not_found: true,
  user_not_found: true,
  preferences_conflict: true,
}

function refusalWords(t: TFunction, error: unknown): string {
  const said = error instanceof Error && 'code' in error ? String(error.code) : ''
  const code = said === 'unavailable' || said === 'timeout' ? 'offline' : said
  return t(`errors.${isKnown(code) ? code : 'general'}`)
}

function isKnown(code: string): code is KnownRefusal {
  return Object.hasOwn(KNOWN, code)
}
