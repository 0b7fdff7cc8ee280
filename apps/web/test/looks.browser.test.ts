import { describe, expect, test } from 'vitest'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { violations } from '../test-support/violations.ts'

const soon = { timeout: 15_000 }

const { openAt } = testWindows()

const WORDS = {
  ko: {
    search: '이름, 메시지 검색',
    clear: '검색 지우기',
    back: '뒤로',
    menu: '이 대화의 메뉴',
    bell: '알림',
    settings: '설정',
    data: '내 데이터',
    say: '한마디 보내기',
  },
  en: {
    search: 'Search names and messages',
    clear: 'Clear search',
    back: 'Back',
    menu: 'Menu of this chat',
    bell: 'Notifications',
    settings: 'Settings',
    data: 'Your data',
    say: 'Say something',
  },
}

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

/** Colours do not speak: what is too long or too wide in one language is so in both themes. */
const LOOKS = [
  { language: 'ko', theme: 'light' },
  { language: 'en', theme: 'dark' },
] as const

describe.each([360, 768, 1_440, 1_920])('at %i pixels', { timeout: 120_000 }, (width) => {
  const size = { width, height: { 360: 740, 1920: 1_080 }[width] ?? 900 }

  test.each(LOOKS)('everything has its room ($language, $theme)', async ({ language, theme }) => {
    const words = WORDS[language]
    const window = await openAt('/', { ...size, language, theme })
    const { page } = window
    const keep = async (what: string) => {
      expect(await outOfPlace(window), what).toEqual([])
      expect(await violations(window), what).toEqual([])
      await window.keepScreenshot(`looks-${what}-${width}-${theme}-${language}`)
    }
    await page.getByRole('button', { name: /김민준/ }).waitFor()
    await keep('sign-in')
    await window.continueAs('김민준')
    await keep('list')
    await window.openRoom('한빛 식당')
    await window.message('이력서 잘 봤어요').waitFor()
    await keep('room')
    await page.getByRole('button', { name: words.menu }).click()
    await page.getByRole('menu').waitFor()
    await keep('room-menu')
    await page.keyboard.press('Escape')
    if (width === 360) await page.getByRole('link', { name: words.back }).click()
    await page.getByRole('textbox', { name: words.search }).fill('면접')
    await page.locator('mark').first().waitFor()
    await keep('search')
    await page.getByRole('button', { name: words.clear }).click()
    await page.getByRole('button', { name: words.bell, exact: true }).click()
    await page.getByText('한빛 식당이 지원서를 봤습니다').waitFor()
    await keep('notifications')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: words.settings }).click()
    await page.getByRole('heading', { name: words.data }).waitFor()
    await keep('settings')
  })

  test.each(LOOKS)('side by side, too ($language, $theme)', async ({ language, theme }) => {
    const window = await openAt('/demo', { width, height: 960, language, theme })
    const say = window.page.getByRole('button', { name: WORDS[language].say })
    await say.waitFor()
    const keep = async (what: string) => {
      expect(await outOfPlace(window)).toEqual([])
      expect(await violations(window), what).toEqual([])
      await window.keepScreenshot(`looks-${what}-${width}-${theme}-${language}`)
    }
    await keep('demo-idle')
    await say.click()
    const shown = async () =>
      Number.parseFloat((await window.page.getByTestId('latency').textContent()) ?? '')
    await expect.poll(shown, soon).toBeGreaterThan(0)
    await keep('demo')
  })
})
