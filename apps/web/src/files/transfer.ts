import type { AttachmentId, RoomId, Tally } from '@tally/client'
import { type FileUpload, readAttachment, uploadFile } from '@tally/client/extras'

// Apart from what shows files and picks them: it comes with the first one that is there.

export function beginUpload(tally: Tally, roomId: RoomId, file: File): FileUpload {
  return uploadFile(tally, { roomId, file })
}

/** @throws RequestError */
export function readBytes(
  tally: Pick<Tally, 'fetch'>,
  id: AttachmentId,
  signal?: AbortSignal,
): Promise<Blob> {
  return readAttachment(tally, id, signal === undefined ? {} : { signal })
}
