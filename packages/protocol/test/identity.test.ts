import { describe, expect, test } from 'vitest'
import { identityFrom } from '../src/index.ts'

describe('the person of a token', () => {
  test.each<[string, unknown, unknown]>([
    ['is sub', { sub: 'u1', userId: 'u2', user_id: 'u3' }, { userId: 'u1' }],
    ['is userId without sub', { userId: 'u2', user_id: 'u3' }, { userId: 'u2' }],
    ['is user_id without either', { user_id: 'u3' }, { userId: 'u3' }],
    ['is the next when the first is empty', { sub: '', userId: null, user_id: 'u3' }, { userId: 'u3' }],
    ['may be a number', { sub: 42 }, { userId: '42' }],
    [
      'has name, image and type',
      { sub: 'u1', name: '김하늘', image: 'https://example.com/a.png', user_type: 'company' },
      { userId: 'u1', name: '김하늘', image: 'https://example.com/a.png', userType: 'company' },
    ],
    [
      'loses what is not usable, and is let in all the same',
      { sub: 'u1', name: 'x'.repeat(201), image: 'javascript:alert(1)', user_type: 7 },
      { userId: 'u1' },
    ],
  ])('%s', (_, claims, identity) => {
    expect(identityFrom(claims)).toEqual(identity)
  })

  test.each<[string, unknown]>([
    ['without an id', { name: 'Kim' }],
    ['whose first id is unusable, even if another is not', { sub: 'a\u0000b', userId: 'u2' }],
    ['whose id is an object', { sub: { id: 'u1' } }],
    ['whose id is a fraction', { sub: 1.5 }],
    ['whose id is too long', { sub: 'x'.repeat(129) }],
    ['that is no object', 'u1'],
    ['that is nothing', undefined],
  ])('is nobody for a token %s', (_, claims) => {
    expect(identityFrom(claims)).toBeUndefined()
  })
})
