import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { XmppSocket } from './xmpp-socket.ts'

const HEADER = `<?xml version='1.0'?><stream:stream id='1' version='1.0' xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>`
const MECHANISMS = `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`
const BIND = `<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`
const PLAIN_ANNA = Buffer.from('\0anna\0anna').toString('base64')

/** What a server answers to what a client says, in the order of a login; anything else ends the connection. */
const DIALOGUE: readonly (readonly [said: RegExp, answer: string])[] = [
  [/<stream:stream .*to='localhost'/, HEADER + MECHANISMS],
  [new RegExp(`mechanism='PLAIN'>${PLAIN_ANNA}<`), `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`],
  [/<stream:stream /, HEADER + BIND],
  [
    /<iq type='set' id='bind'>/,
    `<iq type='result' id='bind'><bind><jid>anna@localhost/bench</jid></bind></iq>`,
  ],
  [/<presence\/>/, `<presence from='anna@localhost/bench' to='anna@localhost/bench'/>`],
]

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

async function serve(talk: (socket: Socket) => void): Promise<string> {
  const server = createServer(talk).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `xmpp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** @param heard told what comes after the login. */
function answering(
  heard: (words: string, socket: Socket) => void,
  dialogue = DIALOGUE,
): (socket: Socket) => void {
  return (socket) => {
    const steps = [...dialogue]
    socket.on('data', (chunk) => {
      const step = steps.shift()
      if (step === undefined) heard(chunk.toString(), socket)
      else if (step[0].test(chunk.toString())) socket.write(step[1])
      else socket.destroy()
    })
    socket.on('error', () => {})
  }
}

test('logs in, sends a message to an account, and hears of one that comes', async () => {
  const heard = Promise.withResolvers<string>()
  const url = await serve(
    answering((words, socket) => {
      heard.resolve(words)
      socket.write(`<message from='ben@localhost/bench' type='chat'><body>hi</body></message>`)
    }),
  )
  const came = Promise.withResolvers<void>()
  const anna = await XmppSocket.open({ url, userId: 'anna', onMessage: came.resolve })
  anna.send({ to: 'ben', text: 'hello', id: '7' })
  expect(await heard.promise).toBe(
    `<message type='chat' to='ben@localhost' id='7'><body>hello</body></message>`,
  )
  await came.promise
  anna.close()
})

test('makes its account before it logs in, if it is somebody new; and says why when that is refused', async () => {
  const [stream, ...others] = DIALOGUE
  const asked = /<username>anna<\/username><password>anna<\/password>/
  const dialogueWith = (answer: string): typeof DIALOGUE => [
    [stream?.[0] ?? /^/, stream?.[1] ?? ''],
    [asked, answer],
    ...others,
  ]
  const silent = (): void => {}
  const accepting = answering(silent, dialogueWith(`<iq type='result' id='register'/>`))
  const anna = await XmppSocket.open({
    ...{ url: await serve(accepting), userId: 'anna', isNew: true, onMessage: silent },
  })
  anna.close()
  const refusal = `<iq type='error' id='register'><error><conflict/></error></iq>`
  const refusing = answering(silent, dialogueWith(refusal))
  await expect(
    XmppSocket.open({ url: await serve(refusing), userId: 'anna', isNew: true, onMessage: silent }),
  ).rejects.toThrow('conflict')
})

test('says why it was not let in', async () => {
  const refusal = `<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>`
  const url = await serve((socket) => {
    socket.once('data', () => socket.write(HEADER + refusal))
    socket.on('error', () => {})
  })
  await expect(XmppSocket.open({ url, userId: 'anna', onMessage: () => {} })).rejects.toThrow(
    'not-authorized',
  )
})
