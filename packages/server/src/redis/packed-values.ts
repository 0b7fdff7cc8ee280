/**
 * Reads what a script packed as one array with `cmsgpack.pack` (MessagePack), value by value: whole numbers and texts.
 * The client takes an answer of many parts apart far more slowly than this.
 */
export class PackedValues {
  readonly #bytes: Buffer
  #at: number

  /** @param bytes an array, whose values are read from its first on. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
    const tag = bytes[0]
    this.#at = tag === 0xdd ? 5 : tag === 0xdc ? 3 : 1
  }

  /** The next whole number, which is still to be read. */
  peek(): number {
    const at = this.#at
    const value = this.number()
    this.#at = at
    return value
  }

  /** @throws when the next value is no whole number. */
  number(): number {
    const bytes = this.#bytes
    const tag = bytes.readUInt8(this.#at)
    const at = this.#at + 1
    if (tag < 0x80 || tag >= 0xe0) {
      this.#at = at
      return tag < 0x80 ? tag : tag - 0x100
    }
    switch (tag) {
      case 0xcc:
        this.#at = at + 1
        return bytes.readUInt8(at)
      case 0xcd:
        this.#at = at + 2
        return bytes.readUInt16BE(at)
      case 0xce:
        this.#at = at + 4
        return bytes.readUInt32BE(at)
      case 0xcf:
        this.#at = at + 8
        return Number(bytes.readBigUInt64BE(at))
      case 0xd0:
        this.#at = at + 1
        return bytes.readInt8(at)
      case 0xd1:
        this.#at = at + 2
        return bytes.readInt16BE(at)
      case 0xd2:
        this.#at = at + 4
        return bytes.readInt32BE(at)
      case 0xd3:
        this.#at = at + 8
        return Number(bytes.readBigInt64BE(at))
      default:
        throw new Error(`a packed number cannot begin with ${tag}`)
    }
  }

  /** @throws when the next value is no text. */
  text(): string {
    const length = this.#textLength()
    const from = this.#at
    this.#at = from + length
    return this.#bytes.toString('utf8', from, this.#at)
  }

  #textLength(): number {
    const bytes = this.#bytes
    const tag = bytes.readUInt8(this.#at)
    const at = this.#at + 1
    if (tag >= 0xa0 && tag < 0xc0) {
      this.#at = at
      return tag - 0xa0
    }
    switch (tag) {
      case 0xd9:
        this.#at = at + 1
        return bytes.readUInt8(at)
      case 0xda:
        this.#at = at + 2
        return bytes.readUInt16BE(at)
      case 0xdb:
        this.#at = at + 4
        return bytes.readUInt32BE(at)
      default:
        throw new Error(`a packed text cannot begin with ${tag}`)
    }
  }
}
