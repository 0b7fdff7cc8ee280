import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { numberOn, type Window, type WindowOptions } from '../test-support/open-window.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 20_000 }

// As `npm start` runs it, with nothing beside it.
const { openAt } = testWindows(() => startServer({ isEmbedded: true }))

async function openStage(options: Omit<WindowOptions, 'url'> = {}): Promise<Window> {
  const stage = await openAt('/demo', { height: 940, ...options })
  await stage.page.getByRole('button', { name: /한마디 보내기|Say something/ }).waitFor()
  return stage
}

const phone = (window: Window, name: string): Locator =>
  window.page.getByRole('region', { name: new RegExp(`^(Phone of ${name}|${name} 님의 휴대전화)$`) })
const total = (device: Locator): Promise<number> => numberOn(device.getByTestId('total'))
const checks = async (window: Window) =>
  Number(await window.page.getByTestId('checks').getAttribute('data-checks'))

describe('side by side', { timeout: 90_000 }, () => {
  test('what is typed on the left lights the badge on the right, and the time of it is measured', async () => {
    const window = await openStage()
    const [seeker, company] = [phone(window, '김민준'), phone(window, '한빛 식당')]
    const before = await total(company)
    await seeker.getByRole('textbox').fill('왼쪽에서 씁니다')
    await window.page.keyboard.press('Enter')
    await expect.poll(() => total(company), soon).toBe(before + 1)
    for (let n = 0; n < 5; n++) {
      await window.page.getByRole('button', { name: '한마디 보내기' }).click()
      await expect.poll(() => total(company), soon).toBe(before + 2 + n)
    }

    const shown = async () =>
      Number.parseFloat((await window.page.getByTestId('latency').textContent()) ?? '')
    await expect.poll(shown, soon).toBeGreaterThan(0)
    await window.page
      .getByRole('img', { name: /저장 [\d.]+ ms, 장부 [\d.]+ ms, 전송 [\d.]+ ms, 표시 [\d.]+ ms/ })
      .waitFor()
    await expect.poll(() => checks(window), soon).toBeGreaterThan(1)
    expect(await window.page.getByTestId('wrong').textContent()).toContain('0')
    await window.keepScreenshot('demo-light-ko')

    await company.locator('[data-room]').first().click()
    await expect.poll(() => seeker.getByText('읽음').count(), soon).toBeGreaterThan(0)
  })

  test('a burst ends in the exact number, on both devices of the person', async () => {
    const window = await openStage({ language: 'en', theme: 'dark' })
    const company = phone(window, '한빛 식당')
    const before = await total(company)
    await company.getByRole('button', { name: 'Second device' }).click()
    const second = company.getByTestId('second-device').locator('[data-badge]')
    await window.page.getByRole('button', { name: 'Burst of 100' }).click()
    await expect.poll(() => total(company), { timeout: 60_000 }).toBe(before + 100)
    await expect.poll(() => second.getAttribute('data-badge'), soon).toBe(String(before + 100))
    await window.page.getByText(/^100 messages, exact after [\d.,]+ ms$/).waitFor()
    await expect.poll(() => checks(window), soon).toBeGreaterThan(2)
    expect(await window.page.getByTestId('wrong').textContent()).toContain('0 wrong')
    await window.keepScreenshot('demo-burst-dark-en')
    await window.page.getByRole('button', { name: 'Start over' }).click()
    await expect.poll(() => total(company), soon).toBe(0)
  })

  test('a phone without a connection keeps what is sent, and it goes out in order', async () => {
    const window = await openStage({ language: 'en' })
    const [seeker, company] = [phone(window, '김민준'), phone(window, '한빛 식당')]
    const before = await total(company)
    await seeker.getByRole('button', { name: 'Offline' }).click()
    for (const text of ['first', 'second', 'third']) {
      await seeker.getByRole('textbox').fill(text)
      await window.page.keyboard.press('Enter')
    }
    await seeker.getByText('third').waitFor()
    expect(await total(company)).toBe(before)
    await seeker.getByRole('button', { name: 'Offline' }).click()
    await expect.poll(() => total(company), soon).toBe(before + 3)
    await company.locator('[data-room]').first().click()
    await company.getByText('third').waitFor()
    const said = await company.locator('ol li').allTextContents()
    expect(said.flatMap((text) => /^김민준: (first|second|third)/.exec(text)?.[1] ?? [])).toEqual([
      'first',
      'second',
      'third',
    ])
    await window.keepScreenshot('demo-offline-light-en')
  })

  test('by keyboard, a phone that asks for news has its badge as well', async () => {
    const window = await openStage({ language: 'en' })
    const company = phone(window, '한빛 식당')
    const before = await total(company)
    const way = () => company.locator('[data-connection]').first().getAttribute('data-connection')
    const polling = company.getByRole('button', { name: 'Polling' })
    await polling.press('Enter')
    await expect.poll(way, soon).toBe('polling')
    expect(await polling.getAttribute('aria-pressed')).toBe('true')
    await window.page.getByRole('button', { name: 'Say something' }).press('Enter')
    await expect.poll(() => total(company), { timeout: 60_000 }).toBe(before + 1)
    await polling.press('Space')
    await expect.poll(way, soon).toBe('live')
    expect(await window.page.getByTestId('wrong').textContent()).toContain('0 wrong')
  })

  test('a phone that gets no connection is not waited for for ever, and is tried again', async () => {
    const window = await openAt('/unknown')
    const { page } = window
    await page.clock.install()
    let isCut = true
    await page.route('**/v1/badge', (route) => (isCut ? route.abort() : route.continue()))
    await page.routeWebSocket(/socket\.io/, (socket) => {
      if (isCut) void socket.close()
      else socket.connectToServer()
    })
    await page.goto('/demo')
    const isOver = async () => {
      await page.clock.fastForward(15_000)
      return page.getByRole('alert').getByText('서버에 닿지 못했습니다.').isVisible()
    }
    await expect.poll(isOver, soon).toBe(true)
    await window.keepScreenshot('demo-failed-light-ko')
    isCut = false
    await page.getByRole('button', { name: '다시 시도' }).click()
    await page.getByRole('button', { name: '한마디 보내기' }).waitFor()
    // What the browser says of the connections that were cut is no fault of the page.
    window.problems.splice(0)
  })

  test('fits a phone, where one stands below the other', async () => {
    const window = await openStage({ width: 360, height: 740 })
    await window.page.getByText('한 휴대전화에서 쓰면 다른 휴대전화의 배지가 켜집니다.').waitFor()
    await window.page.getByRole('button', { name: '한마디 보내기' }).click()
    await expect.poll(() => total(phone(window, '한빛 식당')), soon).toBeGreaterThan(0)
    expect(await window.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await window.keepScreenshot('demo-phone-light-ko')
  })
})
