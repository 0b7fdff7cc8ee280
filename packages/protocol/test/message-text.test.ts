import { describe, expect, test } from 'vitest'
import { LIMITS, parseMessageText } from '../src/index.ts'

const MEBIBYTE = 1_048_576

describe('the text of a message', () => {
  test.each([
    ['is trimmed', '  안녕하세요 \n', '안녕하세요'],
    ['keeps its line breaks', 'a\n\n b', 'a\n\n b'],
    ['keeps right-to-left overrides', '\u202Eabc\u202C', '\u202Eabc\u202C'],
    ['keeps combining marks', `e${'\u0301'.repeat(100)}`, `e${'\u0301'.repeat(100)}`],
    ['keeps joined emoji', '👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
    ['keeps markup as text', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['keeps wildcards', "%_\\'--", "%_\\'--"],
  ])('%s', (_, raw, text) => {
    expect(parseMessageText(raw)).toEqual({ ok: true, text })
  })

  test.each(['', ' ', '\n\t\r ', '\u3000\u00A0\uFEFF'])('of nothing but white space is empty: %j', (raw) => {
    expect(parseMessageText(raw)).toEqual({ ok: false, code: 'message_empty' })
  })

  test.each([
    ['a letter', 'x'],
    ['a Korean syllable', '가'],
    ['an emoji outside the basic plane', '😀'],
  ])('counts %s once', (_, char) => {
    expect(parseMessageText(char.repeat(LIMITS.messageChars)).ok).toBe(true)
    expect(parseMessageText(char.repeat(LIMITS.messageChars + 1))).toEqual({
      ok: false,
      code: 'message_too_long',
    })
  })

  test('is measured after trimming', () => {
    expect(parseMessageText(`${' '.repeat(5_000)}x`).ok).toBe(true)
  })

  test('obeys a limit of the operator', () => {
    expect(parseMessageText('12345', 5).ok).toBe(true)
    expect(parseMessageText('123456', 5)).toEqual({ ok: false, code: 'message_too_long' })
  })

  test.each([
    ['a mebibyte', 'x'.repeat(MEBIBYTE)],
    ['ten thousand combining marks', `e${'\u0301'.repeat(10_000)}`],
  ])('of %s is too long', (_, raw) => {
    expect(parseMessageText(raw)).toEqual({ ok: false, code: 'message_too_long' })
  })

  test.each([
    ['NUL', 'a\u0000b'],
    ['a high surrogate alone', 'a\uD83D'],
    ['a low surrogate alone', '\uDE00a'],
    ['surrogates in the wrong order', '\uDE00\uD83D'],
  ])('with %s is malformed', (_, raw) => {
    expect(parseMessageText(raw)).toEqual({ ok: false, code: 'message_malformed' })
  })
})
