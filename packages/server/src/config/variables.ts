import { files } from './file-variables.ts'
import { identity } from './identity-variables.ts'
import { limits } from './limit-variables.ts'
import { behaviour, listening } from './server-variables.ts'
import { sharing, storage } from './storage-variables.ts'

/** Every variable, by the group it is shown in and its name in `Config`. */
export const VARIABLES = { listening, storage, files, sharing, identity, behaviour, limits }

/**
 * Variables of the protocol whose part this version does not have. Hosts set them for several services at once, so one
 * that is set warns, loudly, instead of refusing: nothing behaves as if it were there.
 */
export const VARIABLES_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  ...without('events go to no queue', ['KAFKA_BROKERS', 'FEATURE_MQ']),
  ...without('every server does everything', ['ROLES', 'FEATURE_MS']),
  ...without('no alerts are sent', ['SLACK_WEBHOOK_URL', 'DISCORD_WEBHOOK_URL']),
}

function without(instead: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, instead]))
}
