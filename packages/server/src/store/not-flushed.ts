/**
 * Selected by a statement whose loss in a power cut harms nobody, because what it notes would only be done once more: its
 * commit does not wait for the disk, and those who wait for theirs have the disk to themselves. The database keeps the
 * order of commits, so nothing that came later is kept without it.
 */
export const NOT_FLUSHED = "set_config('synchronous_commit', 'off', true)"
