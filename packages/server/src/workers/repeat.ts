/** Ends a repetition; resolves when the run that is under way, if any, is over. */
export type StopRepeating = () => Promise<void>

/**
 * Runs a task again and again, every `everyMs`, never twice at once. A run that fails does not end the repetition; of
 * several that fail one after the other the first is told: a database that is away for an hour is one line in the log.
 */
export function repeat(options: {
  everyMs: number
  task: () => Promise<void> | void
  onError: (error: unknown) => void
}): StopRepeating {
  const { everyMs, task, onError } = options
  let running: Promise<void> | undefined
  let isFailing = false
  const fail = (error: unknown): void => {
    if (!isFailing) onError(error)
    isFailing = true
  }
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(task)
      .then(() => {
        isFailing = false
      }, fail)
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
