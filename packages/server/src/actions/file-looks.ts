import { fileTypeFromBuffer } from 'file-type'
import { imageSize } from 'image-size'
import type { Looks } from '../store/attachments.ts'

/** Pictures beyond this take a gigabyte of memory where they are shown. */
const MOST_PIXELS = 100_000_000

/** Turned by a quarter: what the camera calls its width is the height of what is shown (Exif orientation). */
const FIRST_SIDEWAYS_ORIENTATION = 5

/**
 * What a file is, by its first bytes: its name and what its sender says do not count. `null` when it is of no known kind
 * and no text, or a picture that nobody could show.
 */
export async function looksOf(firstPart: Uint8Array, { isAll }: { isAll: boolean }): Promise<Looks | null> {
  const known = await fileTypeFromBuffer(firstPart)
  if (known === undefined) {
    return isText(firstPart, isAll) ? { type: 'text/plain', width: null, height: null } : null
  }
  // Parameters are no part of the kind.
  const type = known.mime.split(';')[0] ?? known.mime
  if (!type.startsWith('image/')) return { type, width: null, height: null }
  const size = sizeOf(firstPart)
  if (size !== null && size.width * size.height > MOST_PIXELS) return null
  return { type, width: size?.width ?? null, height: size?.height ?? null }
}

function sizeOf(bytes: Uint8Array): { width: number; height: number } | null {
  try {
    const { width, height, orientation = 1 } = imageSize(bytes)
    return orientation >= FIRST_SIDEWAYS_ORIENTATION ? { width: height, height: width } : { width, height }
  } catch {
    // Its size stands further back, or nowhere: it is a picture all the same, of an unknown size.
    return null
  }
}

/** UTF-8 without control characters but tabs and line breaks; a part may end within a character. */
function isText(bytes: Uint8Array, isAll: boolean): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isAll })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it is about
    return !/[\u0000-\u0008\u000E-\u001F]/.test(text)
  } catch {
    return false
  }
}
