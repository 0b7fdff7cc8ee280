import type { Tally } from '@tally/client'
import { type ReactNode, useEffect, useMemo } from 'react'
import { TallyContext } from './tally-context.ts'
import type { Texts } from './texts/texts.ts'
import { type Language, TextsContext, wordingOf } from './texts/texts-context.ts'

export type TallyProviderProps = {
  /** What `createTally` made. Another one (somebody else signed in) takes its place at once. */
  tally: Tally
  /**
   * Whether the client runs while the provider is on the page: started when it appears, stopped when it goes. `true`
   * unless given; `false` where the app starts and stops it itself.
   */
  connect?: boolean
  /** Of the components' own words, numbers and dates; English unless given. */
  language?: Language
  /** Words that replace the built-in ones. Outside of a component, or kept with `useMemo`. */
  texts?: Partial<Texts>
  /** IANA name of the zone in which times are written; the device's own unless given. */
  timeZone?: string
  children?: ReactNode
}

/**
 * Gives a client to everything below it. On a server nothing starts: there the page is written as it is before anything
 * was loaded, and the browser takes over from that.
 */
export function TallyProvider(props: TallyProviderProps): ReactNode {
  const { tally, connect = true, language = 'en', texts, timeZone, children } = props
  useEffect(() => {
    if (!connect) return
    tally.start()
    return () => void tally.stop()
  }, [tally, connect])
  const wording = useMemo(() => wordingOf({ language, texts, timeZone }), [language, texts, timeZone])
  return (
    <TallyContext.Provider value={tally}>
      <TextsContext.Provider value={wording}>{children}</TextsContext.Provider>
    </TallyContext.Provider>
  )
}
