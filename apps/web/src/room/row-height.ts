import { pictureBox } from '../files/picture-box.ts'
import type { TimelineRow } from './timeline.ts'

/**
 * About how high a row will be, in pixels, before it has been measured. Only the length of the scroll bar depends on
 * it: a wrong guess is put right as soon as the row is drawn, without anything on screen moving.
 */
export function estimateRowPx(row: TimelineRow | undefined, widthPx: number): number {
  if (row === undefined) return 40
  switch (row.kind) {
    case 'day':
      return 32
    case 'new':
      return 36
    case 'name':
      return 20
    case 'system':
      return 28
    case 'message': {
      const { text, type, replyTo, attachments = [] } = row.message
      const reacted = row.message.state === 'sent' && row.message.reactions.length > 0
      const charsPerLine = Math.max(12, (widthPx * 0.62 - 28) / 9)
      const lines = text
        .split('\n')
        .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / charsPerLine)), 0)
      const bubble = type === 'regular' ? 16 + lines * 20 : 66
      const files = attachments.reduce((sum, file) => sum + (pictureBox(file)?.height ?? 66) + 4, 0)
      return bubble + files + 4 + (row.last ? 24 : 0) + (reacted ? 22 : 0) + (replyTo === undefined ? 0 : 40)
    }
  }
}
