import type { Page } from 'playwright-core'
import type { Figure } from './figure.ts'
import { costOf } from './page-cost.ts'
import { percentile } from './percentiles.ts'

/** The screen of a headless browser is drawn 60 times a second; a frame that comes in time comes after so long. */
const FRAME_MS = 1_000 / 60
/** The clock of frames is that exact. */
const JITTER_MS = 0.7
/** 60 frames a second; a frame more or less is the clock of the screen, which begins and ends within one. */
const LEAST_FRAMES = 59

export type ScrollOptions = {
  /** Something within what is scrolled. */
  inside: string
  pxPerFrame: number
  forMs: number
}

/** What scrolling cost. */
export type Scrolled = {
  gapsMs: number[]
  scrolledPx: number
  busyMsPerFrame: { all: number; script: number; layout: number; style: number }
}

/** Scrolls by so much a frame, as a script does it: whatever that costs, the page's one thread has to do in time. */
export async function scroll(page: Page, options: ScrollOptions): Promise<Scrolled> {
  const cost = await costOf(page)
  const before = await cost.now()
  const { gapsMs, scrolledPx } = await page.evaluate(scrollFrames, options)
  const after = await cost.now()
  const perFrame = (of: keyof typeof before.busy) => (after.busy[of] - before.busy[of]) / gapsMs.length
  return {
    gapsMs,
    scrolledPx,
    busyMsPerFrame: {
      all: perFrame('allMs'),
      script: perFrame('scriptMs'),
      layout: perFrame('layoutMs'),
      style: perFrame('styleMs'),
    },
  }
}

function framesPerSecond({ gapsMs }: Scrolled): number {
  return (gapsMs.length / gapsMs.reduce((sum, gapMs) => sum + gapMs, 0)) * 1_000
}

export function scrollFigures(group: string, what: string, scrolled: Scrolled): Figure[] {
  const inTime = scrolled.gapsMs.filter((gapMs) => gapMs <= FRAME_MS + JITTER_MS).length
  return [
    { group, name: what, value: framesPerSecond(scrolled), unit: 'frames/s', least: LEAST_FRAMES },
    {
      group,
      name: `${what}: frames within 16.7 ms`,
      value: (inTime / scrolled.gapsMs.length) * 100,
      unit: '%',
    },
    { group, name: `${what}: slowest frame`, value: percentile(scrolled.gapsMs, 1), unit: 'ms' },
    {
      group,
      name: `${what}: thread busy per frame, mean`,
      value: scrolled.busyMsPerFrame.all,
      unit: 'ms',
    },
  ]
}

/** Runs in the page. */
async function scrollFrames({ inside, pxPerFrame, forMs }: ScrollOptions) {
  let scroller = document.querySelector(inside)
  while (scroller !== null && !/auto|scroll/.test(getComputedStyle(scroller).overflowY)) {
    scroller = scroller.parentElement
  }
  if (scroller === null) throw new Error(`nothing scrolls around ${inside}`)
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  const gapsMs: number[] = []
  let scrolledPx = 0
  const beginMs = await frame()
  let lastMs = beginMs
  while (lastMs - beginMs < forMs) {
    const from = scroller.scrollTop
    scroller.scrollTop = from + pxPerFrame
    scrolledPx += Math.abs(scroller.scrollTop - from)
    const nowMs = await frame()
    gapsMs.push(nowMs - lastMs)
    lastMs = nowMs
  }
  return { gapsMs, scrolledPx }
}
