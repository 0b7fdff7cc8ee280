import type { VariableType } from './variable-types.ts'

/** One environment variable: parsing, default, help and documentation are made of this and nothing else. */
export type Variable<T> = {
  readonly name: string
  readonly type: VariableType<T>
  /** The value where the variable is absent or empty. */
  readonly fallback: T
  /** The default in words, where `fallback` does not say it. */
  readonly fallbackText?: string
  readonly description: string
  /** Its value appears in no log. */
  readonly secret?: true
}

type Described = Pick<Variable<unknown>, 'name' | 'description' | 'secret' | 'fallbackText'>

/** One that has a default. */
export function variable<T>(spec: Described & { type: VariableType<T>; default: T }): Variable<T> {
  const { default: fallback, ...rest } = spec
  return { ...rest, fallback }
}

/** One without which something is left out, or found out. */
export function optional<T>(spec: Described & { type: VariableType<T> }): Variable<T | undefined> {
  return { ...spec, fallback: undefined }
}
