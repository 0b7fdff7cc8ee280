import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'

/** No longer than this: on a slow network words in another face are better than none. */
export const FACE_WAIT_MS = 1_000

type WithFaceProps = {
  /** Whether the text is known; by default it is. */
  ready?: boolean
  /** What is seen until then. */
  meanwhile?: ReactNode
  children: ReactNode
}

/**
 * Shows its text once the face for it is there. Text that changes its face changes its width, and moves what stands
 * beside it.
 */
export function WithFace({ ready = true, meanwhile, children }: WithFaceProps) {
  const [there, setThere] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!ready) return
    // Laying the text out is what makes the browser ask for its face.
    place.current?.getBoundingClientRect()
    let isCurrent = true
    const show = () => {
      if (isCurrent) setThere(true)
    }
    const frame = requestAnimationFrame(() => void document.fonts.ready.then(show))
    const timer = setTimeout(show, FACE_WAIT_MS)
    return () => {
      isCurrent = false
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [ready])
  return (
    <>
      <div className={there ? 'contents' : 'invisible contents'} ref={place}>
        {children}
      </div>
      {!there && <div className="fixed inset-0">{meanwhile}</div>}
    </>
  )
}
