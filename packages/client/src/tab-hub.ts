import { RequestError, type RoomId, type WireUser } from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import type { RealtimeProvider, Subscription } from './provider.ts'
import type { TabGroup } from './tab-group.ts'
import type { ConnectionId, TabCall, TabId, TabMessage, TabWelcome } from './tab-messages.ts'

/** A link of a tab to the connection; the tab that holds it has one, too. */
type Member = {
  readonly tabId: TabId
  readonly link: number
  readonly rooms: Set<RoomId>
  isVisible: boolean
}
type Connected = { readonly id: ConnectionId; readonly provider: RealtimeProvider; readonly user: WireUser }
type Call = Extract<TabMessage, { kind: 'call' }>
/** What a connection brings, whichever connection it is. */
type Shared = WithoutConnection<Extract<TabMessage, { kind: 'frame' | 'news' }>>
type WithoutConnection<T> = T extends unknown ? Omit<T, 'connection'> : never
/** What of the group is used. */
type Group = Pick<TabGroup, 'tabId' | 'post' | 'watch'>

/**
 * The one connection of a person's tabs, at the tab that leads. To the server all of them are one device: it is in view
 * while any tab is, and has those rooms open that a tab in view looks at.
 */
export class TabHub {
  readonly #group: Group
  readonly #members = new Set<Member>()
  readonly #watched = new Set<TabId>()
  /** Those who want to take part in the connection that is being made. */
  #waiting: Call[] = []
  readonly #ended = new AbortController()
  #connected: Connected | undefined
  #connections = 0
  #joined = new Set<RoomId>()
  #wasVisible = true
  #settling: Promise<void> = Promise.resolve()

  constructor(group: Group) {
    this.#group = group
  }

  /** This connection is there to be shared, in place of any other. */
  attach(provider: RealtimeProvider, user: WireUser): void {
    this.#down(new RequestError('unavailable'))
    this.#connected = { id: `${this.#group.tabId}/${++this.#connections}`, provider, user }
    this.#joined = new Set()
    this.#wasVisible = true
    // In view until it says otherwise, which comes after what the others have to say.
    this.#letIn(this.#group.tabId, 0)
    for (const call of this.#waiting.splice(0)) this.#hear(call)
    this.#group.post({ kind: 'wake' })
  }

  /** This connection is gone, or could not be made. */
  detach(provider: RealtimeProvider, error: RequestError): void {
    if (this.#connected === undefined) this.#refuseWaiting(error)
    else if (this.#connected.provider === provider) this.#down(error)
  }

  /** This tab leads no more. */
  end(error: RequestError): void {
    this.#ended.abort()
    this.#down(error)
    this.#refuseWaiting(error)
  }

  /** What came over this connection is everybody's. */
  share(provider: RealtimeProvider, what: Shared): void {
    if (this.#connected?.provider !== provider || this.#watched.size === 0) return
    this.#group.post({ ...what, connection: this.#connected.id })
  }

  /** Another tab asks for something, or goes. */
  hear(message: Call | Extract<TabMessage, { kind: 'bye' }>): void {
    if (message.kind === 'bye') {
      this.#gone(message.from, message.link)
      return
    }
    this.#group.post({ kind: 'heard', to: message.from, id: message.id })
    this.#hear(message)
  }

  /** What a tab wants of the connection: this one, unless another one is named. @throws RequestError */
  async ask(call: TabCall, tabId: TabId = this.#group.tabId, link = 0): Promise<unknown> {
    const connected = this.#connected
    const member = call.method === 'hello' ? this.#letIn(tabId, link) : this.#find(tabId, link)
    // Nobody looks for a tab that went.
    if (connected === undefined || member === undefined) throw new RequestError('unavailable')
    const { provider } = connected
    switch (call.method) {
      case 'hello':
        member.isVisible = call.visible
        await this.#settle(connected)
        return {
          connection: connected.id,
          transport: provider.transport,
          user: connected.user,
        } satisfies TabWelcome
      case 'authenticate':
        return provider.authenticate(call.token)
      case 'subscribe':
        return this.#subscribe(connected, member, call.roomId)
      case 'unsubscribe':
        member.rooms.delete(call.roomId)
        return this.#settle(connected)
      case 'send':
        // All tabs have the same rows: the one that leads says for all of them what this device has.
        if (call.event === 'mark-delivered' && tabId !== this.#group.tabId) return {}
        if (call.event !== 'visibility') return provider.send(call.event, call.payload as never)
        member.isVisible = (call.payload as { visible: boolean }).visible
        await this.#settle(connected)
        return {}
      default:
        return call satisfies never
    }
  }

  /** From now on the room is looked at in this tab. */
  async #subscribe(connected: Connected, { rooms }: Member, roomId: RoomId): Promise<Subscription> {
    // Before the answer: the room must not be left meanwhile because another tab closes it.
    rooms.add(roomId)
    try {
      const subscription = await connected.provider.subscribe(roomId)
      this.#joined.add(roomId)
      await this.#settle(connected)
      return subscription
    } catch (error) {
      rooms.delete(roomId)
      throw error
    }
  }

  #hear(message: Call): void {
    const { from, id, call, link } = message
    if (call.method === 'hello') {
      this.#watch(from)
      if (this.#connected === undefined) {
        this.#waiting.push(message)
        return
      }
    } else if (this.#connected === undefined || link.connection !== this.#connected.id) {
      this.#refuse(message, new RequestError('unavailable'))
      return
    }
    this.ask(call, from, link.number).then(
      (result) => this.#group.post({ kind: 'answer', to: from, id, result }),
      (error: unknown) => this.#refuse(message, faultFrom(error)),
    )
  }

  #refuse({ from, id }: Call, error: RequestError): void {
    this.#group.post({ kind: 'refusal', to: from, id, error: error.toJSON() })
  }

  #refuseWaiting(error: RequestError): void {
    for (const call of this.#waiting.splice(0)) this.#refuse(call, error)
  }

  #down(error: RequestError): void {
    const connected = this.#connected
    if (connected === undefined) return
    this.#connected = undefined
    this.#members.clear()
    this.#group.post({ kind: 'down', connection: connected.id, error: error.toJSON() })
  }

  #letIn(tabId: TabId, link: number): Member {
    const member = this.#find(tabId, link) ?? { tabId, link, rooms: new Set(), isVisible: true }
    this.#members.add(member)
    return member
  }

  #find(tabId: TabId, link: number): Member | undefined {
    return [...this.#members].find((member) => member.tabId === tabId && member.link === link)
  }

  #watch(tabId: TabId): void {
    if (this.#watched.has(tabId)) return
    this.#watched.add(tabId)
    const onGone = (): void => {
      this.#watched.delete(tabId)
      this.#gone(tabId)
    }
    this.#group.watch(tabId, onGone, this.#ended.signal)
  }

  /** @param link this one; absent: all of the tab. */
  #gone(tabId: TabId, link?: number): void {
    const isGone = (from: TabId, number: number) => from === tabId && (link ?? number) === number
    this.#waiting = this.#waiting.filter((call) => !isGone(call.from, call.link.number))
    for (const member of this.#members) if (isGone(member.tabId, member.link)) this.#members.delete(member)
    if (this.#connected === undefined) return
    // Without a connection there is nothing to put right, and what breaks here breaks there.
    this.#settle(this.#connected).catch(() => {})
  }

  /** Tells the server what all tabs together look at; one change after the other. */
  #settle(connected: Connected): Promise<void> {
    const settling = this.#settling.then(() => this.#tell(connected))
    this.#settling = settling.catch(() => {})
    return settling
  }

  async #tell(connected: Connected): Promise<void> {
    if (this.#connected !== connected) throw new RequestError('unavailable')
    const { provider } = connected
    const members = [...this.#members.values()]
    const isVisible = members.some((member) => member.isVisible)
    // Where nobody looks, no room counts as open, whichever are joined.
    const looking = isVisible ? members.filter((member) => member.isVisible) : members
    const wanted = new Set(looking.flatMap(({ rooms }) => [...rooms]))
    if (!isVisible) await this.#show(provider, false)
    const joined = this.#joined
    try {
      for (const roomId of [...joined]) {
        if (wanted.has(roomId)) continue
        await provider.unsubscribe(roomId)
        joined.delete(roomId)
      }
      for (const roomId of wanted) {
        if (joined.has(roomId)) continue
        joined.add(roomId)
        await provider.subscribe(roomId)
      }
    } finally {
      // Whatever a room refuses, somebody looks.
      if (isVisible) await this.#show(provider, true)
    }
  }

  async #show(provider: RealtimeProvider, visible: boolean): Promise<void> {
    if (visible === this.#wasVisible) return
    await provider.send('visibility', { visible })
    this.#wasVisible = visible
  }
}
