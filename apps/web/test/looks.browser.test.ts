import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { settled, violations } from '../test-support/violations.ts'

const soon = { timeout: 15_000 }

const { openAt } = testWindows()

const WORDS = {
  ko: {
    who: '누구로 시작할까요?',
    search: '이름, 메시지 검색',
    clear: '검색 지우기',
    back: '뒤로',
    menu: '이 대화의 메뉴',
    mute: '알림 끄기',
    bell: '알림',
    settings: '설정',
    data: '내 데이터',
    say: '한마디 보내기',
  },
  en: {
    who: 'Who would you like to be?',
    search: 'Search names and messages',
    clear: 'Clear search',
    back: 'Back',
    menu: 'Menu of this chat',
    mute: 'Mute',
    bell: 'Notifications',
    settings: 'Settings',
    data: 'Your data',
    say: 'Say something',
  },
}

type Words = (typeof WORDS)['ko']

/** A line longer than this is hard to read: wider screens get more room around it. */
const WIDEST_COLUMN_PX = 1_100

/**
 * Words that stick out of the button, the heading or the label they stand in, whether the page is too wide, and what of
 * a room is stretched.
 */
async function outOfPlace({ page }: Window): Promise<string[]> {
  return page.evaluate((widest) => {
    const { scrollWidth, clientWidth } = document.documentElement
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : []
    const all = (selector: string) =>
      [...document.querySelectorAll<HTMLElement>(selector)].filter((element) => element.checkVisibility())
    const cut = all('button, h1, h2, h3, label, legend').filter(
      (element) =>
        getComputedStyle(element).overflowX === 'visible' &&
        element.clientWidth > 1 &&
        element.scrollWidth > element.clientWidth + 1,
    )
    const stretched = all('main ol, main textarea, main header h1, main fieldset').filter(
      (element) => element.clientWidth > widest,
    )
    return [
      ...wide,
      ...cut.map((element) => `${element.tagName} is cut: ${element.textContent?.slice(0, 60)}`),
      ...stretched.map((element) => `${element.tagName} is ${element.clientWidth} px wide`),
    ]
  }, WIDEST_COLUMN_PX)
}

/** Colours do not speak: what axe finds in one language it finds in both, and what is wrong with a colour in either. */
const LOOKS = [
  { language: 'ko', theme: 'light', isTried: true },
  { language: 'ko', theme: 'dark', isTried: false },
  { language: 'en', theme: 'light', isTried: false },
  { language: 'en', theme: 'dark', isTried: true },
] as const

type Look = (typeof LOOKS)[number]

/** The page as it stands in another look; as when another tab has chosen it, and the system its theme. */
async function wear({ page }: Window, { language, theme }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
  await page.locator(`html[data-theme=${theme}]`).waitFor()
  await page.evaluate((newValue) => {
    localStorage.setItem('tally.language', newValue)
    dispatchEvent(new StorageEvent('storage', { key: 'tally.language', newValue }))
  }, language)
}

/** Keeps a screenshot in every look. `sign`: what stands there in the words of its language. */
async function keepAll(window: Window, name: string, sign: (words: Words) => Locator): Promise<void> {
  for (const look of LOOKS) {
    await wear(window, look)
    await sign(WORDS[look.language]).first().waitFor()
    const at = `${name}-${look.theme}-${look.language}`
    expect(await outOfPlace(window), at).toEqual([])
    if (look.isTried) expect(await violations(window), at).toEqual([])
    await settled(window)
    await window.keepScreenshot(`looks-${at}`)
  }
  await wear(window, LOOKS[0])
  await sign(WORDS.ko).first().waitFor()
}

describe.each([360, 768, 1_440, 1_920])('at %i pixels', { timeout: 120_000 }, (width) => {
  const size = { width, height: { 360: 740, 1920: 1_080 }[width] ?? 900 }

  test('everything has its room, in both languages and both themes', async () => {
    const window = await openAt('/', size)
    const { page } = window
    const ko = WORDS.ko
    const keep = (what: string, sign: (words: Words) => Locator) => keepAll(window, `${what}-${width}`, sign)
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    const search = (words: Words) => page.getByRole('textbox', { name: words.search })
    await page.getByRole('button', { name: /김민준/ }).waitFor()
    await keep('sign-in', ({ who }) => page.getByRole('heading', { name: who }))
    await window.continueAs('김민준')
    await keep('list', search)
    await window.openRoom('한빛 식당')
    await window.message('이력서 잘 봤어요').waitFor()
    await keep('room', ({ menu }) => button(menu))
    await button(ko.menu).click()
    await keep('room-menu', ({ mute }) => page.getByRole('menuitem', { name: mute }))
    await page.keyboard.press('Escape')
    if (width === 360) await page.getByRole('link', { name: ko.back }).click()
    await search(ko).fill('면접')
    await page.locator('mark').first().waitFor()
    await keep('search', ({ clear }) => button(clear))
    await button(ko.clear).click()
    await button(ko.bell).click()
    await page.getByText('한빛 식당이 지원서를 봤습니다').waitFor()
    await keep('notifications', ({ bell }) => page.getByRole('dialog', { name: bell }))
    await page.keyboard.press('Escape')
    await button(ko.settings).click()
    await keep('settings', ({ data }) => page.getByRole('heading', { name: data }))
  })

  test('side by side, too', async () => {
    const window = await openAt('/demo', { width, height: 960 })
    const { page } = window
    const keep = (what: string) =>
      keepAll(window, `${what}-${width}`, ({ say }) => page.getByRole('button', { name: say }))
    await page.getByRole('button', { name: WORDS.ko.say }).waitFor()
    await keep('demo-idle')
    await page.getByRole('button', { name: WORDS.ko.say }).click()
    const shown = async () => Number.parseFloat((await page.getByTestId('latency').textContent()) ?? '')
    await expect.poll(shown, soon).toBeGreaterThan(0)
    await keep('demo')
  })
})
