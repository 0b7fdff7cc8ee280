import { describe, expect, test } from 'vitest'
import { EventOrder } from '../../src/edges/socket/event-order.ts'

/** A piece of work that runs until it is finished from outside, and notes when it began. */
function work(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const run = () => {
    log.push(name)
    return promise
  }
  return { run, finish: resolve, fail: () => reject(new Error(name)) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('events of one connection', () => {
  test('join, sends and leave of one room take effect in that order; the sends run beside each other', async () => {
    const log: string[] = []
    const order = new EventOrder()
    const [join, one, two, leave, rejoin] = ['join', 'one', 'two', 'leave', 'rejoin'].map((name) =>
      work(log, name),
    )
    void order.alone('room', join!.run)
    void order.besideOthers('room', one!.run)
    void order.besideOthers('room', two!.run)
    void order.alone('room', leave!.run)
    void order.alone('room', rejoin!.run)
    expect(log).toEqual(['join'])

    join!.finish()
    await turn()
    expect(log).toEqual(['join', 'one', 'two'])

    two!.finish()
    await turn()
    expect(log).toEqual(['join', 'one', 'two'])

    one!.finish()
    await turn()
    expect(log).toEqual(['join', 'one', 'two', 'leave'])

    leave!.finish()
    await turn()
    expect(log.at(-1)).toBe('rejoin')
  })

  test('begin at once, in the same turn, when nothing is before them', () => {
    const log: string[] = []
    const order = new EventOrder()
    for (const name of ['a', 'b', 'c']) void order.besideOthers('room', work(log, name).run)
    expect(log).toEqual(['a', 'b', 'c'])
  })

  test('of different rooms do not wait for each other', () => {
    const log: string[] = []
    const order = new EventOrder()
    void order.alone('one', work(log, 'one').run)
    void order.alone('two', work(log, 'two').run)
    expect(log).toEqual(['one', 'two'])
  })

  test('go on after one that fails, and each learns only its own fate', async () => {
    const log: string[] = []
    const order = new EventOrder()
    const [failing, next] = [work(log, 'failing'), work(log, 'next')]
    const failed = order.alone('room', failing.run)
    const went = order.alone('room', next.run)
    failing.fail()
    await expect(failed).rejects.toThrow('failing')
    next.finish()
    await expect(went).resolves.toBeUndefined()
    expect(log).toEqual(['failing', 'next'])
  })
})
