import type { TFunction } from 'i18next'

/** The sides of a hiring marketplace, by what hosts call them. */
const SIDES: ReadonlyMap<string, 'jobSeeker' | 'company'> = new Map([
  ['user', 'jobSeeker'],
  ['job_seeker', 'jobSeeker'],
  ['company', 'company'],
])

/** The word for a side of the marketplace; any other word of a host stays as it is. */
export function sideWord(t: TFunction, userType: string): string {
  const side = SIDES.get(userType)
  return side === undefined ? userType : t(`side.${side}`)
}
