import type { TextSpan } from '@tally/client/extras'

/** A piece of a message, with what was searched for marked in it. Text, whatever it says. */
export function Excerpt({ text, matches }: { text: string; matches: readonly TextSpan[] }) {
  const pieces = piecesOf(text, matches)
  return (
    <>
      {pieces.map(({ start, piece, marked }) =>
        marked ? (
          <mark className="rounded-[3px] bg-own font-semibold text-ink" key={start}>
            {piece}
          </mark>
        ) : (
          <span key={start}>{piece}</span>
        ),
      )}
    </>
  )
}

type Piece = { start: number; piece: string; marked: boolean }

/** The text cut where marks begin and end; spans that overlap are one. */
export function piecesOf(text: string, matches: readonly TextSpan[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  const add = (end: number, marked: boolean) => {
    if (end > at) pieces.push({ start: at, piece: text.slice(at, end), marked })
    at = Math.max(at, end)
  }
  for (const { start, end } of matches.toSorted((a, b) => a.start - b.start)) {
    add(Math.min(start, text.length), false)
    add(Math.min(end, text.length), true)
  }
  add(text.length, false)
  return pieces
}
