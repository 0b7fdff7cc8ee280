import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react'

export type SendState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** Delivered and read are the same two strokes: thin and pale, then strong and in the colour of what is read. */
const SIGNS = {
  sending: { Icon: Clock3, strokeWidth: 2, colour: '' },
  sent: { Icon: Check, strokeWidth: 2, colour: '' },
  delivered: { Icon: CheckCheck, strokeWidth: 1.5, colour: '' },
  read: { Icon: CheckCheck, strokeWidth: 2.5, colour: 'text-ink' },
  failed: { Icon: CircleAlert, strokeWidth: 2, colour: '' },
}

/** The sign of how far an own message has come. Always with words, beside it or for those who cannot see it. */
export function SendSign({ state, label }: { state: SendState; label?: string }) {
  const { Icon, strokeWidth, colour } = SIGNS[state]
  return (
    <>
      <Icon aria-hidden="true" className={`inline size-3.5 shrink-0 ${colour}`} strokeWidth={strokeWidth} />
      {label !== undefined && <span className="sr-only">{label}</span>}
    </>
  )
}
