/** What the product itself says in a room. */
export function SystemLine({ text }: { text: string }) {
  return (
    <p
      className="mx-auto max-w-[80%] py-1.5 text-center text-1 whitespace-pre-wrap wrap-anywhere text-ink-2"
      dir="auto"
    >
      {text}
    </p>
  )
}
