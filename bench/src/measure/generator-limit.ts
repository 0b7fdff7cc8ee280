/** Above this share of one core a generator is no longer on time. */
const SHARE_MAX = 0.85
/** A generator that is late by more than this, and makes up more than half of the latency, is what was measured. */
const LAG_MS = 5

/** @returns why a run says nothing about the contestant, because its generator was at its end; undefined when it was not. */
export function generatorLimit(seen: {
  generatorShare: number
  lagP99Ms: number
  latencyP99Ms: number
}): string | undefined {
  const { generatorShare, lagP99Ms, latencyP99Ms } = seen
  if (generatorShare > SHARE_MAX) return `the generator took ${generatorShare.toFixed(2)} of a core`
  if (lagP99Ms > LAG_MS && lagP99Ms > latencyP99Ms / 2)
    return `the generator was ${lagP99Ms.toFixed(0)} ms late at p99`
  return undefined
}

/** What a step says of its generator. */
type Judged = { processorShare: number; lagP99: number; p99: number }

/** @returns for each step that its generator limited, which one it is and why. */
export function limitedSteps<S extends Judged>(steps: readonly S[], nameOf: (step: S) => string): string[] {
  return steps.flatMap((step) => {
    const { processorShare: generatorShare, lagP99: lagP99Ms, p99: latencyP99Ms } = step
    const why = generatorLimit({ generatorShare, lagP99Ms, latencyP99Ms })
    return why === undefined ? [] : [`${nameOf(step)}: ${why}`]
  })
}
