const CR = 13
const LF = 10

/** Cuts a stream of Redis' protocol (RESP 2 and 3) into whole values, whatever pieces it comes in. */
export class RespSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** @returns the values that are complete now, in order, each with all its bytes. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const values: Buffer[] = []
    let start = 0
    for (;;) {
      const end = endOfValue(bytes, start)
      if (end === undefined) break
      values.push(bytes.subarray(start, end))
      start = end
    }
    this.#rest = bytes.subarray(start)
    return values
  }
}

/** Where the value that begins at `start` ends; `undefined` while some of it is still to come. */
function endOfValue(bytes: Buffer, start: number): number | undefined {
  let at = start
  // A value of several parts is no more than its parts: count them down instead of nesting.
  for (let left = 1; left > 0; left -= 1) {
    const lineEnd = endOfLine(bytes, at)
    if (lineEnd === undefined) return undefined
    const kind = String.fromCharCode(bytes[at] ?? 0)
    const size = Number(bytes.subarray(at + 1, lineEnd - 2).toString('latin1'))
    at = lineEnd
    if ('$=!'.includes(kind) && size >= 0) {
      at += size + 2
      if (at > bytes.length) return undefined
    } else if ('*>~'.includes(kind) && size > 0) left += size
    else if (kind === '%' || kind === '|') left += size * 2
  }
  return at
}

function endOfLine(bytes: Buffer, start: number): number | undefined {
  const cr = bytes.indexOf(CR, start)
  return cr === -1 || bytes[cr + 1] !== LF ? undefined : cr + 2
}
