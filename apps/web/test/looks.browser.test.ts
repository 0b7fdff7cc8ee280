import { describe, expect, test } from 'vitest'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 15_000 }

const { open, openAt } = testWindows()

const WORDS = {
  ko: {
    search: '이름, 메시지 검색',
    back: '뒤로',
    bell: '알림',
    feed: '한빛 식당이 지원서를 봤습니다',
    settings: '설정',
    say: '한마디 보내기',
  },
  en: {
    search: 'Search names and messages',
    back: 'Back',
    bell: 'Notifications',
    feed: '한빛 식당이 지원서를 봤습니다',
    settings: 'Settings',
    say: 'Say something',
  },
}

/** Words that stick out of the button, the heading or the label they stand in, and whether the page is too wide. */
async function overflows({ page }: Window): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : []
    const cut = [...document.querySelectorAll<HTMLElement>('button, h1, h2, h3, label, legend')].filter(
      (element) =>
        element.checkVisibility() &&
        getComputedStyle(element).overflowX === 'visible' &&
        element.clientWidth > 1 &&
        element.scrollWidth > element.clientWidth + 1,
    )
    return [...wide, ...cut.map((element) => `${element.tagName}: ${element.textContent?.slice(0, 60)}`)]
  })
}

describe.each([360, 768, 1_440])('at %i pixels', { timeout: 90_000 }, (width) => {
  test.each([
    { language: 'ko', theme: 'light' },
    { language: 'en', theme: 'dark' },
    { language: 'ko', theme: 'dark' },
    { language: 'en', theme: 'light' },
  ] as const)('everything has its room ($language, $theme)', async ({ language, theme }) => {
    const words = WORDS[language]
    const size = { width, height: width === 360 ? 740 : 900 }
    const keep = async (window: Window, what: string) => {
      expect(await overflows(window), what).toEqual([])
      await window.keepScreenshot(`looks-${what}-${width}-${theme}-${language}`)
    }
    const window = await open('김민준', { ...size, language, theme })
    const { page } = window
    await keep(window, 'list')
    await window.openRoom('한빛 식당')
    await window.message('이력서 잘 봤어요').waitFor()
    await keep(window, 'room')
    if (width === 360) await page.getByRole('link', { name: words.back }).click()
    await page.getByRole('button', { name: words.bell, exact: true }).click()
    await page.getByText(words.feed).waitFor()
    await keep(window, 'notifications')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: words.settings }).click()
    await page.getByRole('heading', { name: words.settings }).waitFor()
    await keep(window, 'settings')
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: words.search }).fill('면접')
    await page.locator('mark').first().waitFor()
    await keep(window, 'search')
  })

  test.each([
    { language: 'ko', theme: 'light' },
    { language: 'en', theme: 'dark' },
  ] as const)('side by side, too ($language, $theme)', async ({ language, theme }) => {
    const window = await openAt('/demo', { width, height: 960, language, theme })
    const say = window.page.getByRole('button', { name: WORDS[language].say })
    await say.waitFor()
    expect(await overflows(window)).toEqual([])
    await window.keepScreenshot(`looks-demo-idle-${width}-${theme}-${language}`)
    await say.click()
    const shown = async () =>
      Number.parseFloat((await window.page.getByTestId('latency').textContent()) ?? '')
    await expect.poll(shown, soon).toBeGreaterThan(0)
    expect(await overflows(window)).toEqual([])
    await window.keepScreenshot(`looks-demo-${width}-${theme}-${language}`)
  })
})
