import { isIP } from 'node:net'
import { z } from 'zod'

/** How a variable's text becomes a value, and in words what it has to be: "must be …". */
export type VariableType<T> = {
  readonly expects: string
  readonly schema: z.ZodType<T, string>
}

export function text(): VariableType<string> {
  return { expects: 'a text', schema: z.string() }
}

/** A key that signs or opens something; short ones can be guessed. */
export function secretText(minChars: number): VariableType<string> {
  return { expects: `a secret of at least ${minChars} characters`, schema: z.string().min(minChars) }
}

export function wholeNumber({ min, max }: { min: number; max: number }): VariableType<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    schema: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .pipe(z.int().min(min).max(max)),
  }
}

export function flag(): VariableType<boolean> {
  return {
    expects: 'true or false',
    schema: z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1'),
  }
}

export function oneOf<const T extends string>(values: readonly T[]): VariableType<T> {
  const schema = z.string().transform((value, context) => {
    const found = values.find((known) => known === value)
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: 'unknown' })
    return z.NEVER
  })
  return { expects: `one of ${values.join(', ')}`, schema }
}

export function postgresUrl(): VariableType<string> {
  return {
    expects: 'a PostgreSQL address (postgres://user:password@host:5432/database)',
    schema: z.string().regex(/^postgres(?:ql)?:\/\/\S+$/),
  }
}

/** One server, or several of a cluster. */
export function redisUrls(): VariableType<string> {
  return {
    expects: 'a Redis address (redis://:password@host:6379), or several separated by commas',
    schema: z.string().regex(/^rediss?:\/\/[^\s,]+(\s*,\s*rediss?:\/\/[^\s,]+)*$/),
  }
}

/** Braces would decide where a cluster keeps what begins with it. */
export function keyPrefix(): VariableType<string> {
  return {
    expects: 'letters, digits, - _ . and : (tally:)',
    schema: z.string().regex(/^[\w.:-]{1,64}$/),
  }
}

/** Fetched over the network and trusted: without TLS only from this machine. */
export function keySetUrl(): VariableType<string> {
  return {
    expects: 'an https address (http only for localhost)',
    schema: z.string().refine((value) => {
      const url = parseUrl(value)
      return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
    }),
  }
}

/** Of a server that the operator trusts. */
export function webAddress(): VariableType<string> {
  return {
    expects: 'an http or https address without a query',
    schema: z
      .string()
      .refine((value) => /^https?:\/\/[^?#@]+$/.test(value) && URL.canParse(value))
      .transform((value) => value.replace(/\/+$/, '')),
  }
}

/** Kinds of files, separated by commas. */
export function mediaTypes(): VariableType<readonly string[]> {
  return {
    expects: 'kinds of files separated by commas (image/png,application/pdf)',
    schema: commaList().pipe(z.array(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/)).min(1)),
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Origins as a browser sends them, separated by commas; `*` alone for every origin. */
export function origins(): VariableType<readonly string[]> {
  return {
    expects: 'origins separated by commas (https://app.example.com,https://example.com:8443), or *',
    schema: commaList().pipe(
      z.union([z.tuple([z.literal('*')]), z.array(z.string().refine((value) => isOrigin(value)))]),
    ),
  }
}

// Compared as a whole with what a browser sends, so a path, a slash at the end or a wildcard would never match.
function isOrigin(value: string): boolean {
  return /^https?:\/\/[^*]+$/.test(value) && parseUrl(value)?.origin === value
}

export type NamedKey = { readonly name: string; readonly key: string }

/** `name:key,name2:key2`; the name is what logs say, the key may contain colons but no commas. */
export function namedKeys(minChars: number): VariableType<readonly NamedKey[]> {
  const entry = z
    .string()
    .regex(/^[^:\s]{1,64}:\S+$/)
    .transform((value) => ({
      name: value.slice(0, value.indexOf(':')),
      key: value.slice(value.indexOf(':') + 1),
    }))
    .refine(({ key }) => key.length >= minChars)
  return {
    expects: `name:key pairs separated by commas, each name once, each key of at least ${minChars} characters`,
    schema: commaList()
      .pipe(z.array(entry))
      .refine((keys) => new Set(keys.map(({ name }) => name)).size === keys.length),
  }
}

/** Addresses and networks, separated by commas. */
export function networks(): VariableType<readonly string[]> {
  return {
    expects: 'addresses and networks separated by commas (10.0.0.0/8,192.168.1.7,loopback)',
    schema: commaList().pipe(z.array(z.string().refine(isNetwork))),
  }
}

function isNetwork(value: string): boolean {
  if (/^(?:loopback|linklocal|uniquelocal)$/.test(value)) return true
  const [address = '', prefix = '0', ...rest] = value.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

function commaList() {
  return z.string().transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
}

function parseUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined
}
