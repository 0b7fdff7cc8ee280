import { fileTypeFromBuffer } from 'file-type'
import { imageSize } from 'image-size'
import type { Looks } from '../store/attachments.ts'

/** Pictures beyond this take a gigabyte of memory where they are shown. */
const MOST_PIXELS = 100_000_000

const TEXT: Looks = { type: 'text/plain', width: null, height: null }

/** Turned by a quarter: what the camera calls its width is the height of what is shown (Exif orientation). */
const FIRST_SIDEWAYS_ORIENTATION = 5

/**
 * What a file is, by its first bytes: its name and what its sender says do not count. `null` when it is of no known kind
 * and no text, or a picture that nobody could show.
 */
export async function looksOf(firstPart: Uint8Array, { isAll }: { isAll: boolean }): Promise<Looks | null> {
  // Before the known kinds: its first two bytes could begin a sound.
  const marked = markedEncodingOf(firstPart)
  if (marked !== undefined && isText(firstPart, { encoding: marked, isAll })) return TEXT
  const known = await fileTypeFromBuffer(firstPart)
  if (known === undefined) return isText(firstPart, { encoding: 'utf-8', isAll }) ? TEXT : null
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
    if (!(width > 0 && height > 0)) return null
    return orientation >= FIRST_SIDEWAYS_ORIENTATION ? { width: height, height: width } : { width, height }
  } catch {
    // Its size stands further back, or nowhere: it is a picture all the same, of an unknown size.
    return null
  }
}

/** UTF-16 as Windows writes it says so in its first two bytes, and browsers believe these before anything else. */
function markedEncodingOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** Nothing but characters, and no control characters but tabs and line breaks; a part may end within a character. */
function isText(bytes: Uint8Array, { encoding, isAll }: { encoding: string; isAll: boolean }): boolean {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isAll })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it is about
    return !/[\u0000-\u0008\u000E-\u001F]/.test(text)
  } catch {
    return false
  }
}
