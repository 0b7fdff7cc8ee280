/** The first sign a person would see of a name, as one grapheme: 한, É, 👩‍🍳. `?` for nobody. */
export function initialOf(name: string | null): string {
  const trimmed = name?.trim() ?? ''
  if (trimmed === '') return '?'
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(trimmed)
  return first?.segment.toLocaleUpperCase() ?? '?'
}
