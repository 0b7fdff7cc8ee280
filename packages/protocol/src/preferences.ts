import { z } from 'zod'
import { Count } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/** The type of a notification, as the host names it. */
const NotificationType = line(LIMITS.typeChars, 1)

/** A time of the day to the minute, `00:00` to `23:59`. */
const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59')

/** A time zone by its IANA name (`Asia/Seoul`), which this server knows. */
const TimeZone = z
  .string()
  .max(LIMITS.timeZoneChars)
  // Offsets would be taken, too, and know no summer time.
  .regex(/^[A-Za-z]/, 'must be the IANA name of a time zone')
  .refine(isTimeZone, 'must be the IANA name of a time zone')

/** A day of the week, 0 (Sunday) to 6. */
const Weekday = z.int().min(0).max(6)

/**
 * When nothing interrupts: from one time of the day to another in a time zone, over midnight where it ends before it
 * begins, and a whole day where both are the same. A night belongs to the day on which it begins.
 */
export const QuietHours = z.object({
  on: z.boolean(),
  from: TimeOfDay,
  to: TimeOfDay,
  timeZone: TimeZone,
  days: z.array(Weekday).max(7).refine(isWithoutRepeats, 'must name each day once'),
})
export type QuietHours = z.infer<typeof QuietHours>

/**
 * Where entries of the feed may come: `inApp` is the feed itself, `push` whatever reaches somebody who does not look at
 * the app. Without `inApp` there is no entry, so there is nothing to push either.
 */
export const Channels = z.object({ inApp: z.boolean(), push: z.boolean() })
export type Channels = z.infer<typeof Channels>

const choices = {
  /** Messages in rooms that are not muted. They are always in the app. */
  messages: z.object({ push: z.boolean() }),
  /** Notifications of every type that `types` does not name. */
  notifications: Channels,
  types: z
    .record(NotificationType, Channels)
    .refine((types) => Object.keys(types).length <= LIMITS.typesWithPreferences, {
      error: `must name at most ${LIMITS.typesWithPreferences} types`,
    }),
  quietHours: QuietHours,
}

/** What may reach a person, and when: one value for all of the person's devices. */
export const Preferences = z.object({
  ...choices,
  /** Rises with every change; 0 while the person has chosen nothing. */
  rev: Count,
  /** Types the person may want to choose for: those that came lately, and those of `types`. */
  knownTypes: z.array(z.string()),
})
export type Preferences = z.infer<typeof Preferences>

/** All choices anew, as they follow upon those of `rev`: refused where another device has changed them since. */
export const PreferencesBody = z.object({ ...choices, rev: Count })
export type PreferencesBody = z.infer<typeof PreferencesBody>

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function isWithoutRepeats(days: readonly number[]): boolean {
  return new Set(days).size === days.length
}
