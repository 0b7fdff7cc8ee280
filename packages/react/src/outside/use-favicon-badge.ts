import { useEffect } from 'react'
import { useBadge } from '../hooks/use-badge.ts'
import { badgeNumber } from './badge-number.ts'

export type FaviconBadgeOptions = {
  /** The badge's colours, as CSS writes them. */
  color?: string
  textColor?: string
}

const SIDE_PX = 64

/**
 * Draws the total on the page's own favicon (`<link rel="icon">`), and puts the icon back when nothing is unread or the
 * component goes. The icon has to be of the same origin, and the page's policy has to allow images from `data:`.
 */
export function useFaviconBadge({ color = '#d7372a', textColor = '#fff' }: FaviconBadgeOptions = {}): void {
  const total = useBadge()?.total ?? 0
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]')
    if (link === null || total <= 0) return
    const original = link.href
    const originalType = link.type
    let isOver = false
    const icon = new Image()
    icon.onload = () => {
      if (isOver) return
      link.type = 'image/png'
      link.href = drawBadge(icon, { label: badgeNumber(total), color, textColor })
    }
    icon.src = original
    return () => {
      isOver = true
      link.type = originalType
      link.href = original
    }
  }, [total, color, textColor])
}

type BadgeLook = { label: string; color: string; textColor: string }

function drawBadge(icon: HTMLImageElement, { label, color, textColor }: BadgeLook): string {
  const canvas = document.createElement('canvas')
  canvas.width = SIDE_PX
  canvas.height = SIDE_PX
  const pen = canvas.getContext('2d')
  if (pen === null) return icon.src
  pen.drawImage(icon, 0, 0, SIDE_PX, SIDE_PX)
  const heightPx = SIDE_PX * 0.6
  const widthPx = Math.min(SIDE_PX, heightPx * (0.6 + 0.4 * label.length))
  pen.fillStyle = color
  pen.beginPath()
  pen.roundRect(SIDE_PX - widthPx, SIDE_PX - heightPx, widthPx, heightPx, heightPx / 2)
  pen.fill()
  pen.fillStyle = textColor
  pen.font = `700 ${heightPx * 0.8}px system-ui, sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(label, SIDE_PX - widthPx / 2, SIDE_PX - heightPx / 2 + 2, widthPx)
  return canvas.toDataURL('image/png')
}
