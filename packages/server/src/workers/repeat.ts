/** Ends a repetition; resolves when the run that is under way, if any, is over. */
export type StopRepeating = () => Promise<void>

/**
 * Runs a task again and again, `everyMs` after the last run began or as soon as it is over, never twice at once. A run
 * that fails is told and does not end the repetition.
 */
export function repeat(options: {
  everyMs: number
  task: () => Promise<void> | void
  onError: (error: unknown) => void
}): StopRepeating {
  const { everyMs, task, onError } = options
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(task)
      .catch(onError)
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
