import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react'

export type SendState = 'sending' | 'sent' | 'read' | 'failed'

const SIGNS = { sending: Clock3, sent: Check, read: CheckCheck, failed: CircleAlert }

/** The sign of how far an own message has come. Always with words, beside it or for those who cannot see it. */
export function SendSign({ state, label }: { state: SendState; label?: string }) {
  const Icon = SIGNS[state]
  return (
    <>
      <Icon aria-hidden="true" className="inline size-3.5 shrink-0" strokeWidth={2} />
      {label !== undefined && <span className="sr-only">{label}</span>}
    </>
  )
}
