/**
 * A ledger did not take a call, or took a part of it, because whoever made it knew an older epoch than the keys it is
 * about. The ledger has told what it is by now: a call that is still wanted is to be made again. Nothing is wrong with
 * the ledger.
 */
export class OutdatedCall extends Error {
  /** The one that the keys know of. */
  readonly epoch: number

  constructor(epoch: number) {
    super(`this was said before epoch ${epoch}`)
    this.epoch = epoch
  }
}
