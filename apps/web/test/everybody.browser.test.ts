import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../test-support/attacks.ts'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { shiftsOf, watchShifts } from '../test-support/watch-shifts.ts'

const soon = { timeout: 20_000 }
const require = createRequire(import.meta.url)
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const windows = testWindows()
const { open, openAt } = windows

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }
declare const axe: { run: (context: object, options: object) => Promise<AxeResult> }

/** What axe finds wrong on the page as it stands, by WCAG 2.2 AA. */
async function violations({ page }: Window): Promise<string[]> {
  await page.evaluate(AXE)
  // What is on its way in or out has colours that nobody reads. What moves for ever is meant to.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity,
      ),
  )
  const found = await page.evaluate(() =>
    axe.run(
      // Hidden stops that hand the focus on as soon as it reaches them.
      { exclude: [['[data-base-ui-focus-guard]']] },
      {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        // A menu stands outside of the page's parts, wherever it opens.
        rules: { region: { enabled: document.querySelector('[role=menu]') === null } },
      },
    ),
  )
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n${failureSummary}`),
  )
}

describe.each(['light', 'dark'] as const)('everybody can use it (%s)', { timeout: 90_000 }, (theme) => {
  test('signing in, and the design page', async () => {
    const window = await openAt('/', { theme })
    await window.page.getByRole('button', { name: /김민준/ }).waitFor()
    await window.keepScreenshot(`sign-in-${theme}-ko`)
    expect(await violations(window)).toEqual([])
    const design = await openAt('/design', { theme, language: 'en' })
    await design.page.getByRole('heading', { name: /design/ }).waitFor()
    expect(await design.page.evaluate(() => document.documentElement.scrollWidth)).toBe(1_280)
    await design.keepWholePage(`design-${theme}`)
    expect(await violations(design)).toEqual([])
  })

  test('the list, a room, a message’s menu, search, notifications, settings', async () => {
    const window = await open('김민준', { theme })
    expect(await violations(window)).toEqual([])
    await window.openRoom('한빛 식당')
    await window.page.getByRole('list', { name: '메시지' }).getByRole('listitem').first().waitFor()
    expect(await violations(window)).toEqual([])
    await window.page.getByRole('button', { name: '이 대화의 메뉴' }).click()
    await window.page.getByRole('menu').waitFor()
    expect(await violations(window)).toEqual([])
    await window.keepScreenshot(`room-menu-${theme}-ko`)
    await window.page.keyboard.press('Escape')
    await window.page.getByRole('textbox', { name: '이름, 메시지 검색' }).fill('면접')
    await window.page.locator('mark').first().waitFor()
    expect(await violations(window)).toEqual([])
    await window.page.getByRole('button', { name: '검색 지우기' }).click()
    await window.page.getByRole('button', { name: '알림', exact: true }).click()
    await window.page.getByRole('radio', { name: '안 읽음' }).waitFor()
    expect(await violations(window)).toEqual([])
    await window.keepScreenshot(`notifications-${theme}-ko`)
    await window.page.keyboard.press('Escape')
    await window.page.getByRole('button', { name: '설정' }).click()
    await window.page.getByRole('heading', { name: '내 데이터' }).waitFor()
    expect(await violations(window)).toEqual([])
  })

  test('side by side', async () => {
    const window = await openAt('/demo', { theme, height: 940 })
    await window.page.getByRole('button', { name: '한마디 보내기' }).waitFor()
    expect(await violations(window)).toEqual([])
    await window.page.getByRole('button', { name: '한마디 보내기' }).click()
    const shown = async () =>
      Number.parseFloat((await window.page.getByTestId('latency').textContent()) ?? '')
    await expect.poll(shown, soon).toBeGreaterThan(0)
    expect(await violations(window)).toEqual([])
  })
})

describe.each([360, 768, 1_440])('at %i pixels', { timeout: 60_000 }, (width) => {
  test('nothing is wider than the screen, and nothing moves while it loads', async () => {
    const window = await openAt('/', { width, height: 800, language: 'en' })
    await watchShifts(window.page)
    await window.continueAs('이서연')
    await window.page.reload()
    await window.rows.first().waitFor()
    await window.openRoom('카페 온도')
    await window.page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first().waitFor()
    await window.keepScreenshot(`room-${width}-light-en`)
    expect(await window.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    // A face that comes too late on a busy machine moves things by a glyph's width: that is tested by itself.
    expect((await shiftsOf(window.page)).filter(({ value }) => value >= 0.001)).toEqual([])
  })
})

describe('text is text', { timeout: 90_000 }, () => {
  test('in messages, answers, rows, search, reports, drafts and notices, whatever it says', async () => {
    const [minjun, hanbit] = await Promise.all([
      demoPerson(windows.url, '김민준'),
      demoPerson(windows.url, '한빛 식당'),
    ])
    const roomId = await hanbit.roomWith('김민준')
    const window = await open('김민준')
    for (const text of ATTACKS) await hanbit.send(roomId, text)
    await window.openRoom('한빛 식당')
    for (const text of ATTACKS) {
      await hanbit.send(roomId, text)
      const said = window.page.getByRole('list', { name: '메시지' }).locator('p').filter({ hasText: text })
      await expect.poll(() => said.last().textContent(), soon).toBe(text.trim())
      // The row of the list has it beside the number.
      await expect
        .poll(async () => (await window.row('한빛 식당').textContent())?.includes(text.trim()), soon)
        .toBe(true)
    }
    await window.keepScreenshot('attacks-room-light-ko')
    const [script = ''] = ATTACKS
    await window.choose(script, '신고하기')
    await window.page.getByRole('blockquote').filter({ hasText: script }).waitFor()
    await window.keepScreenshot('attacks-report-light-ko')
    await window.page.keyboard.press('Escape')
    await (await window.toolOf(script, '답장')).click()
    await window.say(ATTACKS[1] ?? '')
    await window.page.getByRole('textbox', { name: '메시지 쓰기' }).fill(ATTACKS[2] ?? '')
    await window.page.getByRole('textbox', { name: '이름, 메시지 검색' }).fill('<script>')
    await window.page.locator('mark', { hasText: '<script>' }).first().waitFor()
    await window.keepScreenshot('attacks-search-light-ko')
    await minjun.send(roomId, 'over')
    expect(await window.page.title()).not.toContain('gone')
    // Nothing of it became an element: no picture, no frame, no link out, no script but the page's own.
    expect(await window.page.locator('img, iframe, svg a, [onerror], [onload]').count()).toBe(0)
    expect(await window.page.locator('a:not([href^="/"])').count()).toBe(0)
    expect(await window.page.locator('script:not([src])').count()).toBe(0)
  })

  test('in the names of people, of rooms and of files', async () => {
    const name = `<b>이름</b> {{name}} \u202Eabc`
    const sneaky = await demoPerson(windows.url, name, { userId: 'sneaky', userType: 'job_seeker' })
    const hanbitId = (await demoPerson(windows.url, '한빛 식당')).id
    const roomId = await sneaky.makeGroup(`<i>방</i> javascript:alert(1)`, [hanbitId])
    const direct = await sneaky.makeDirect(hanbitId)
    await sneaky.send(roomId, '안녕하세요')
    await sneaky.send(direct, '안녕하세요')
    const window = await open('한빛 식당', { theme: 'dark' })
    await window.row('<i>방</i> javascript:alert(1)').waitFor()
    await window.openRoom(name)
    await window.page
      .locator('input[type=file]')
      .setInputFiles([{ name: `<b>file<b>.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }])
    await expect.poll(() => window.page.locator('[data-upload=ready]').count(), soon).toBe(1)
    await window.page.keyboard.press('Enter')
    await window.page.getByRole('button', { name: /<b>file<b>\.txt/ }).waitFor()
    await window.keepScreenshot('attacks-names-dark-ko')
    expect(await window.page.locator('main b, main i, nav b, nav i').count()).toBe(0)
  })
})
