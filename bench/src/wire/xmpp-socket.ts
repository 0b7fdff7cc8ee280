import { connect, type Socket } from 'node:net'
import { beginsWith, nextElement } from './xml-elements.ts'

export type XmppSocketOptions = {
  /** `xmpp://host:port` of a server of the domain `XMPP_DOMAIN`, without TLS: the others are driven without it, too. */
  url: string
  /** The name of the account, and its password. */
  userId: string
  /** Makes the account before it logs in (XEP-0077). */
  isNew?: boolean
  /** A message of somebody else came. */
  onMessage: () => void
  onLost?: (why: string) => void
}

/** The domain of all accounts of a bench. */
export const XMPP_DOMAIN = 'localhost'

const OPEN_DEADLINE_MS = 60_000
const STREAM = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${XMPP_DOMAIN}' version='1.0'>`
const BIND = `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>`
const TAG = {
  features: Buffer.from('<stream:features'),
  success: Buffer.from('<success'),
  failure: Buffer.from('<failure'),
  iq: Buffer.from('<iq'),
  presence: Buffer.from('<presence'),
  message: Buffer.from('<message'),
  error: Buffer.from('<stream:error'),
}
const RETURNED = Buffer.from("type='error'")

/**
 * A client of XMPP that does no more than a load needs, as `WireSocket` is one of Socket.IO: it logs in with a password
 * (SASL PLAIN), as somebody new if it is asked to, says that it is there, sends messages to accounts, and counts those that come.
 */
export class XmppSocket {
  readonly #options: XmppSocketOptions
  readonly #socket: Socket
  readonly #opened = Promise.withResolvers<XmppSocket>()
  #isLoggedIn = false
  #isClosed = false
  /** The beginning of an element whose end has not come yet. */
  #rest: Buffer | undefined

  private constructor(options: XmppSocketOptions) {
    this.#options = options
    const { hostname, port } = new URL(options.url)
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.on('connect', () => this.#socket.write(STREAM))
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', (error) => this.#lost(error.message))
    this.#socket.on('close', () => this.#lost('the server closed the connection'))
  }

  /** @returns a connection to which the server delivers what is sent to the account. */
  static async open(options: XmppSocketOptions): Promise<XmppSocket> {
    const wire = new XmppSocket(options)
    const timer = setTimeout(() => wire.#lost('the server took too long'), OPEN_DEADLINE_MS)
    try {
      return await wire.#opened.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** @param text without characters that XML would read as its own. */
  send({ to, text, id }: { to: string; text: string; id: string }): void {
    this.#socket.write(
      `<message type='chat' to='${to}@${XMPP_DOMAIN}' id='${id}'><body>${text}</body></message>`,
    )
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  #lost(why: string): void {
    if (this.#isClosed) return
    this.close()
    this.#opened.reject(new Error(why))
    this.#options.onLost?.(why)
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (let element = nextElement(bytes, at); element !== undefined; element = nextElement(bytes, at)) {
      at = element.to
      this.#element(bytes.subarray(element.from, element.to))
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }

  #element(element: Buffer): void {
    const is = (tag: Buffer): boolean => beginsWith(element, 0, tag)
    // What could not be delivered comes back to its sender, as an error.
    if (is(TAG.message) && element.indexOf(RETURNED) < 0) this.#options.onMessage()
    else if (is(TAG.features)) this.#socket.write(this.#afterFeatures())
    else if (is(TAG.success)) {
      this.#isLoggedIn = true
      this.#socket.write(STREAM)
    } else if (is(TAG.iq) && element.indexOf(RETURNED) >= 0) this.#lost(element.toString())
    else if (is(TAG.iq)) this.#socket.write(this.#isLoggedIn ? '<presence/>' : this.#login())
    // Their own presence comes back to them: from now on messages are delivered here.
    else if (is(TAG.presence)) this.#opened.resolve(this)
    else if (is(TAG.failure) || is(TAG.error)) this.#lost(element.toString())
  }

  #afterFeatures(): string {
    if (this.#isLoggedIn) return BIND
    return this.#options.isNew ? this.#register() : this.#login()
  }

  #register(): string {
    const { userId } = this.#options
    return `<iq type='set' id='register'><query xmlns='jabber:iq:register'><username>${userId}</username><password>${userId}</password></query></iq>`
  }

  #login(): string {
    const { userId } = this.#options
    const secret = Buffer.from(`\0${userId}\0${userId}`).toString('base64')
    return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`
  }
}
