import type { ReactNode } from 'react'

type PhoneFrameProps = {
  label: string
  /** Below the phone: whose it is, and what can be done with it. */
  caption: ReactNode
  children: ReactNode
}

/** The outline of a phone. */
export function PhoneFrame({ label, caption, children }: PhoneFrameProps) {
  return (
    <section aria-label={label} className="mx-auto grid w-full max-w-[360px] gap-4 lg:max-w-[320px]">
      <div className="@container/screen flex h-[600px] flex-col overflow-hidden rounded-phone border border-line bg-raised shadow-raised max-md:h-[420px]">
        {children}
      </div>
      {caption}
    </section>
  )
}
