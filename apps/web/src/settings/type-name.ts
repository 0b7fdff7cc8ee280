import type { TFunction } from 'i18next'
import type { ko } from '../i18n/ko.ts'

type KnownType = keyof (typeof ko)['settings']['types']

/** The types of the demo people's notifications; a host has words of its own for its own. */
const KNOWN: Record<KnownType, true> = { application_viewed: true, job_recommended: true }

/** A type of notification in words for people: as its host calls it, where we have none. */
export function typeName(t: TFunction, type: string): string {
  return isKnown(type) ? t(`settings.types.${type}`) : type.replaceAll('_', ' ')
}

function isKnown(type: string): type is KnownType {
  return Object.hasOwn(KNOWN, type)
}
