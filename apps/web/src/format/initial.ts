/**
 * The first sign a person would see of a name, as one grapheme: 한, É, 👩‍🍳. `?` for nobody. What nobody sees (marks that
 * turn the direction of writing) is passed over, and of a pile of accents the first few are enough.
 */
export function initialOf(name: string | null): string {
  const seen = name?.replace(/^[\s\p{Cf}]+/u, '') ?? ''
  if (seen === '') return '?'
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(seen)
  return first?.segment.replace(/(\p{M}{3})\p{M}+/gu, '$1').toLocaleUpperCase() ?? '?'
}
