import { randomUUID } from 'node:crypto'
import { tokenOf } from '../../test-support/host.ts'
import type { Answer, TestTally } from '../../test-support/test-tally.ts'

/** One pixel, claiming to be of this size, and as many bytes. */
export function picture({ width = 3, height = 2, bytes = 0 } = {}): Uint8Array<ArrayBuffer> {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  png.writeUInt32BE(width, 16)
  png.writeUInt32BE(height, 20)
  const picture = new Uint8Array(Math.max(png.length, bytes))
  picture.set(png)
  for (let at = png.length; at < picture.length; at += 1) picture[at] = at % 251
  return picture
}

/** Somebody with files. */
export class FileClient {
  readonly #tally: TestTally
  readonly userId: string

  constructor(tally: TestTally, userId: string) {
    this.#tally = tally
    this.userId = userId
  }

  begin(roomId: string, bytes: number, name = 'photo.png'): Promise<Answer> {
    return this.#tally.post('/v1/attachments', { as: this.userId, body: { roomId, bytes, name } })
  }

  state(id: string): Promise<Answer> {
    return this.#tally.get(`/v1/attachments/${id}`, { as: this.userId })
  }

  async part(id: string, offset: number, body: Uint8Array<ArrayBuffer>, type = 'application/octet-stream') {
    const response = await fetch(`${this.#tally.url}/v1/attachments/${id}?offset=${offset}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${await tokenOf(this.userId)}`, 'content-type': type },
      body,
    })
    return { status: response.status, body: await response.json() }
  }

  /** All of it, going on from wherever the server is; its id. */
  async upload(roomId: string, file: Uint8Array<ArrayBuffer>, name?: string): Promise<string> {
    let upload = (await this.begin(roomId, file.length, name)).body
    while (!upload.ready) {
      const { received, partBytes } = upload
      const answer = await this.part(upload.id, received, file.slice(received, received + partBytes))
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
      upload = answer.body
    }
    return upload.id
  }

  send(roomId: string, attachments: string[], more: object = {}): Promise<Answer> {
    const body = { text: '', clientId: randomUUID(), attachments, ...more }
    return this.#tally.post(`/v1/rooms/${roomId}/messages`, { as: this.userId, body })
  }

  async content(id: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.#tally.url}/v1/attachments/${id}/content`, {
      headers: { authorization: `Bearer ${await tokenOf(this.userId)}`, ...headers },
    })
    return {
      status: response.status,
      headers: response.headers,
      bytes: new Uint8Array(await response.arrayBuffer()),
    }
  }
}
