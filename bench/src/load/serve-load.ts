/** What a load can be asked to do: each is a call of a method with one argument. */
export type Load = { [call: string]: (argument: never) => unknown }

/** What the parent asks, and what it is answered. */
export type LoadCall = { id: number; call: string; argument: unknown }
export type LoadAnswer = { id: number; result: unknown } | { id: number; error: string }

/** Lends a load to the process that started this one, until that one is gone. */
export function serveLoad(load: object): void {
  const methods = load as Load
  process.on('message', ({ id, call, argument }: LoadCall) => {
    const answer = (answer: LoadAnswer): void => void process.send?.(answer)
    Promise.resolve()
      .then(() => methods[call]?.(argument as never))
      .then(
        (result) => answer({ id, result }),
        (error: unknown) =>
          answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}
