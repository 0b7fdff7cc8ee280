import { expect, test } from 'vitest'
import { RespSplitter } from './resp-splitter.ts'

const VALUES = [
  '+OK\r\n',
  '$-1\r\n',
  '$6\r\na\r\nb\r\n\r\n',
  '*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$4\r\n*1\r\n\r\n',
  '>2\r\n:1\r\n*2\r\n_\r\n%1\r\n+k\r\n#t\r\n',
  '*-1\r\n',
  '*0\r\n',
  '-ERR no\r\n',
]

test.each([1, 2, 3, 7, 1_000])('values come out whole, whatever pieces they come in (%i bytes)', (size) => {
  const stream = Buffer.from(VALUES.join(''))
  const splitter = new RespSplitter()
  const out: string[] = []
  for (let at = 0; at < stream.length; at += size) {
    for (const value of splitter.push(stream.subarray(at, at + size))) out.push(value.toString())
  }
  expect(out).toEqual(VALUES)
})
