import type { TFunction } from 'i18next'

/** The word for a side of the marketplace; a host's own word stays as it is. */
export function sideWord(t: TFunction, userType: string): string {
  return userType === 'user' || userType === 'company' ? t(`side.${userType}`) : userType
}
