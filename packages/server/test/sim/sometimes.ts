/** Faults that strike by chance wherever they can. */
export const FAULTS = [
  'link slow',
  'ledger call lost',
  'ledger answer lost',
  'statement refused',
  'answer of a commit lost',
  'bus frames lost',
  'bus frames doubled',
  'bus frames late',
  'node killed between commit and merge',
  'node killed between merge and frames',
  'node killed while warming',
] as const
export type FaultName = (typeof FAULTS)[number]

/** What must have happened in some run, or the runs prove less than they seem to. */
export const SOMETIMES = [
  ...FAULTS,
  'ledger flushed',
  'ledger restarted empty',
  'ledger failed over to an old copy',
  'ledger hung',
  'database away',
  'node fell back to a ledger of its own',
  'node came back to the shared ledger',
  'node read in the outbox what others committed',
  'epoch raised',
  'node killed',
  'node started',
  'connection cut',
  'device offline for a while',
  'device vanished without a word',
  'device came back to another node',
  'device with a clock an hour off',
  'event found a cold key',
  'event found a warming key',
  'event named a room that the key did not hold',
  'warming busy with another',
  'warming taken over or lost its key',
  'row told again by its own node',
  'row taken over by another node',
  'message sent again and known already',
  'a lease hid something unread',
  'an open room showed messages at the end',
  'a badge was left at the end',
] as const
export type Sometimes = (typeof SOMETIMES)[number]
