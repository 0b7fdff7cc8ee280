/** Where a day begins. */
export function DayLine({ text }: { text: string }) {
  return <p className="py-2 text-center text-1 text-ink-3">{text}</p>
}
