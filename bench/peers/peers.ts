import { ejabberd } from './ejabberd.ts'
import { prosody } from './prosody.ts'

/** Other people's products, in the order in which they are shown. */
export const PEERS = [ejabberd, prosody]
