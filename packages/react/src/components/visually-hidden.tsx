import type { CSSProperties, ReactNode } from 'react'

/** Not `display: none`, which hides from those who listen, too. In the element, because a page may not have our styles. */
const HIDDEN: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  margin: -1,
  padding: 0,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
  border: 0,
}

/** Words for those who listen. `live`: they are said when they change. */
export function VisuallyHidden({
  children,
  live = false,
}: {
  children: ReactNode
  live?: boolean
}): ReactNode {
  return (
    <span {...(live ? { role: 'status', 'aria-live': 'polite' } : {})} style={HIDDEN}>
      {children}
    </span>
  )
}
