import type { Plot } from './result.ts'

/** The file of a plot, in the folder of images. */
export function imageOf({ name }: Plot): string {
  return `bench-${name}.svg`
}
