import { expect, test } from 'vitest'
import { nextElement } from './xml-elements.ts'

/** What a server of XMPP says to somebody who logs in, and then hears of a message and of a bracket in quotes. */
const SAID = [
  `<stream:stream id='1' version='1.0' xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>`,
  `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
  `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`,
  `<message to='b@localhost/x' from='a@localhost/x' type='chat'><body>one &lt; two</body><empty a='/>'/></message>`,
  `<presence from='b@localhost/x'/>`,
]
const STREAM = Buffer.from(`<?xml version='1.0'?>${SAID.join('\n')}</stream:stream>`)

function elementsOf(chunks: readonly Buffer[]): string[] {
  const found: string[] = []
  let rest = Buffer.alloc(0)
  for (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    let at = 0
    for (let span = nextElement(rest, at); span !== undefined; span = nextElement(rest, at)) {
      found.push(rest.toString('utf8', span.from, span.to))
      at = span.to
    }
    rest = rest.subarray(at)
  }
  return found
}

test('a stream falls apart into its elements, the end of the stream among them', () => {
  expect(elementsOf([STREAM])).toEqual([...SAID, '</stream:stream>'])
})

test('wherever the network cuts it in two', () => {
  for (let cut = 1; cut < STREAM.length; cut += 1) {
    expect(elementsOf([STREAM.subarray(0, cut), STREAM.subarray(cut)])).toEqual([...SAID, '</stream:stream>'])
  }
})
