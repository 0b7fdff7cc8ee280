import type { Pair } from '../../test-support/interleaving-trials.ts'
import { ACTIONS, type Action, type Reader } from './actions.ts'

/** Whether two actions have a room in which they could be in each other's way. */
export function canMeet(action: Action, other: Action): boolean {
  return action.about === other.about || action.about === 'everything' || other.about === 'everything'
}

/** Both at the same time, about the same people. */
export function pairOf(action: Action, other: Action): Pair {
  const reader = readerOf(action, other)
  return (world) => ({
    a: action.call({ world, reader, side: 'a' }),
    b: other.call({ world, reader, side: 'b' }),
  })
}

export function actionNamed(name: string): Action {
  const action = ACTIONS.find((each) => each.name === name)
  if (action === undefined) throw new Error(`no action "${name}"`)
  return action
}

/** Where two joins meet, the one who joins again is the reader: the other brings its own. */
function readerOf(action: Action, other: Action): Reader {
  const readers = [action.reader, other.reader]
  if (readers.includes('dan')) return 'dan'
  return readers.includes('eve') ? 'eve' : 'ben'
}
