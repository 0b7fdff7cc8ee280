import type { ReactNode } from 'react'
import type { Texts } from '../texts/texts.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

type AvatarProps = { name: string; online: boolean; words: Texts }

/** The initial of somebody, and whether they are here. */
export function Avatar({ name, online, words }: AvatarProps): ReactNode {
  return (
    <span className="tally-avatar" data-online={online ? 'true' : undefined}>
      <span aria-hidden="true">{initialOf(name)}</span>
      {online && <VisuallyHidden>{words.online}</VisuallyHidden>}
    </span>
  )
}

/** The first sign a person would see, as one grapheme: 한, É, 👩‍🍳. */
function initialOf(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return first?.segment.toLocaleUpperCase() ?? '?'
}
