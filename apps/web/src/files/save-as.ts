/** By then the browser has begun to save it. */
const BEGUN_MS = 60_000

/** Has the browser save these bytes. */
export function saveAs(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(bytes)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), BEGUN_MS)
}
