/** Ends a repetition; resolves when the run that is under way, if any, is over. */
export type StopRepeating = () => Promise<void>

/**
 * Runs a task again and again, every `everyMs` (asked anew each time), never twice at once. A run that fails does not end the repetition; of
 * several that fail one after the other the first is told: a database that is away for an hour is one line in the log.
 */
export function repeat(options: {
  everyMs: number | (() => number)
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
  let timer: NodeJS.Timeout
  const tick = (): void => {
    wait()
    running ??= Promise.resolve()
      .then(task)
      .then(() => {
        isFailing = false
      }, fail)
      .finally(() => {
        running = undefined
      })
  }
  const wait = (): void => {
    timer = setTimeout(tick, typeof everyMs === 'number' ? everyMs : everyMs())
  }
  wait()
  return async () => {
    clearTimeout(timer)
    await running
  }
}
