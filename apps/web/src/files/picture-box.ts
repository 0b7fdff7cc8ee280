import type { Attachment } from '@tally/client'

const MOST_WIDTH_PX = 320
const MOST_HEIGHT_PX = 320
const LEAST_PX = 64

/** What browsers show by themselves. */
const SHOWN = /^image\/(?:png|jpeg|gif|webp|avif)$/

/** How large a picture stands in a history, in pixels; `null` for what is none, or of an unknown size. */
export function pictureBox({ type, width, height }: Attachment): { width: number; height: number } | null {
  if (!SHOWN.test(type) || width === undefined || height === undefined || width === 0 || height === 0)
    return null
  const scale = Math.min(1, MOST_WIDTH_PX / width, MOST_HEIGHT_PX / height)
  const shown = (side: number) => Math.max(LEAST_PX, Math.round(side * scale))
  return { width: shown(width), height: shown(height) }
}
