import type { UserId } from '@tally/protocol'

export type DemoPerson = { userId: UserId; name: string; userType: 'job_seeker' | 'company' }

const person = (userId: string, name: string, userType: DemoPerson['userType']): DemoPerson => ({
  userId: userId as UserId,
  name,
  userType,
})

/** Both sides of a small hiring marketplace. The first of each side are the two phones of the demo. */
export const DEMO_PEOPLE = {
  minjun: person('demo-minjun', '김민준', 'job_seeker'),
  lan: person('demo-lan', '응우옌 티 란', 'job_seeker'),
  bat: person('demo-bat', '바트바야르', 'job_seeker'),
  seoyeon: person('demo-seoyeon', '이서연', 'job_seeker'),
  hanbit: person('demo-hanbit', '한빛 식당', 'company'),
  logistics: person('demo-logistics', '서울 물류센터', 'company'),
  cafe: person('demo-cafe', '카페 온도', 'company'),
  farm: person('demo-farm', '푸른 농장', 'company'),
} as const satisfies Record<string, DemoPerson>

export type DemoName = keyof typeof DEMO_PEOPLE

/** Somebody who wrote once and whose account is gone. */
export const DEMO_WITHDRAWN: DemoPerson = person('demo-withdrawn', '박지호', 'job_seeker')
