import { describe, expect, test } from 'vitest'
import {
  canSearch,
  excerptOf,
  findTerms,
  hasTerms,
  indexCondition,
  indexTokens,
  searchTerms,
} from '../../src/core/search-text.ts'

const NFD = '안녕하세요'.normalize('NFD')

describe('text that is searched', () => {
  test('the index holds pairs of neighbours, the last letter of each word, and the room', () => {
    const tokens = indexTokens({ roomId: 'r', text: '안녕하세요 OK' })
    expect(tokens).toEqual(['@@@r', '안녕', '녕하', '하세', '세요', '요', 'ok', 'k'])
  })

  test('composed or not, wide or narrow, large or small, it is the same text', () => {
    expect(indexTokens({ roomId: 'r', text: NFD })).toEqual(indexTokens({ roomId: 'r', text: '안녕하세요' }))
    expect(hasTerms('Ｈｅｌｌｏ', searchTerms('hello'))).toBe(true)
    expect(hasTerms(NFD, searchTerms('녕하'))).toBe(true)
    expect(hasTerms('안녕하세요', searchTerms('녕하'.normalize('NFD')))).toBe(true)
  })

  test('all words have to be there, in any order', () => {
    expect(hasTerms('내일 면접 일정', searchTerms('일정 면접'))).toBe(true)
    expect(hasTerms('내일 면접', searchTerms('일정 면접'))).toBe(false)
  })

  test('pairs that stand apart are no word', () => {
    expect(hasTerms('가나 나다', searchTerms('가나다'))).toBe(false)
  })

  test('one letter is asked for where a letter may be a word', () => {
    expect(canSearch(searchTerms('밥'))).toBe(true)
    expect(canSearch(searchTerms('a'))).toBe(false)
    expect(canSearch(searchTerms('%'))).toBe(false)
    expect(canSearch(searchTerms('%%'))).toBe(true)
    expect(indexCondition(searchTerms('밥'), null)).toBe("'밥':*")
  })

  test('what means something to an index means itself', () => {
    const terms = searchTerms("'; drop\\ & | ! ( ) :* <-> %_ .*")
    const condition = indexCondition(terms, ["a'b\\c"])
    expect(condition).toContain("'@@@a''b\\\\c'")
    expect(condition).toContain("''';'")
    expect(condition).toContain("'p\\\\'")
  })

  test('places are those of the text as it was written', () => {
    expect(findTerms('Say HELLO', ['hello'])).toEqual([{ start: 4, end: 9 }])
    const text = `… ${NFD}!`
    const [span] = findTerms(text, searchTerms('녕하'))
    expect(text.slice(span!.start, span!.end).normalize('NFC')).toBe('녕하')
  })

  test('places that touch are one', () => {
    expect(findTerms('abcabc', ['ab', 'bc'])).toEqual([{ start: 0, end: 6 }])
  })

  test('an excerpt is around the first place and breaks no character', () => {
    const text = `${'😀'.repeat(300)}needle${'😀'.repeat(300)}`
    const { text: excerpt, matches } = excerptOf(text, ['needle'])
    expect(excerpt.isWellFormed()).toBe(true)
    expect(excerpt.length).toBeLessThanOrEqual(161)
    expect(matches.map(({ start, end }) => excerpt.slice(start, end))).toEqual(['needle'])
  })

  test('a text of 100,000 marks on one letter, and one without any blank, are taken', () => {
    expect(indexTokens({ roomId: 'r', text: `a${'\u0301'.repeat(100_000)}` }).length).toBeLessThan(20)
    const long = Array.from({ length: 100_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
    )
    expect(indexTokens({ roomId: 'r', text: long.join('') }).length).toBeLessThanOrEqual(20_002)
    expect(findTerms(`a${'\u0301'.repeat(100_000)} b`, ['b'])).toEqual([{ start: 100_002, end: 100_003 }])
  })
})
