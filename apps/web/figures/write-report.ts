import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { bar, type Figure, hasBar, holds, margin, shown } from './figure.ts'
import { framesSvg } from './frames-svg.ts'
import type { Scrolled } from './scroll.ts'

export type Measured = {
  browser: string
  figures: readonly Figure[]
  /** The frames of each scrolling, in their order. */
  frames: readonly (Scrolled & { name: string })[]
}

/** Writes the figures for programs (web-figures.json), the picture, and the page for people (WEB.md). */
export function writeReport(measured: Measured, folder: string): void {
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    chromium: measured.browser,
  }
  const made = { at: new Date().toISOString().slice(0, 10), commit: commit(), machine }
  mkdirSync(join(folder, 'images'), { recursive: true })
  const figures = measured.figures.map((figure) =>
    hasBar(figure) ? { ...figure, held: holds(figure) } : figure,
  )
  const json = { ...made, figures }
  writeFileSync(join(folder, 'web-figures.json'), `${JSON.stringify(json, null, 2)}\n`)
  writeFileSync(join(folder, 'images/web-frames.svg'), framesSvg(measured.frames))
  writeFileSync(join(folder, 'WEB.md'), markdown(measured, made))
}

type Made = { at: string; machine: { cores: number; cpu: string; node: string; chromium: string } }

function markdown({ figures, frames }: Measured, { at, machine }: Made): string {
  const bars = figures.filter(hasBar)
  const held = bars.filter(holds).length
  const busiest = frames.map(
    ({ name, busyMsPerFrame: { all, script, style, layout } }) =>
      `| ${name} | ${ms(all)} | ${ms(script)} | ${ms(style)} | ${ms(layout)} |`,
  )
  return `# The web app, measured

Written by \`npm run web-figures\` on ${at}; the figures behind it are in [web-figures.json](web-figures.json).

The page as \`npm run build\` makes it, served by one server on PostgreSQL, in Chromium ${machine.chromium} without a screen and
without a graphics processor (the processor draws every pixel), 1,280 × 800; browser, server and database share
${machine.cores} cores (${machine.cpu}). Node ${machine.node}. One person has a room of 100,000 messages, half of them
unread, and 5,000 other rooms.

${held} of ${bars.length} bars are held.

| | | measured | bar | |
| --- | --- | --- | --- | --- |
${figures.map((figure) => `| ${figure.group} | ${figure.name} | ${shown(figure)} | ${bar(figure)} | ${margin(figure)} |`).join('\n')}

- **script, gzip**: every script asked for until the first room stands in the list, as \`gzip -9\` packs it (the server sends
  Brotli, which is smaller).
- **usable**: the list is drawn, and the thread was free of long tasks (50 ms) for half a second after that; the time is that
  of the later of the two.
- **the list opens**: from the page's first question for the rooms, on a connection that stands, until the first of them are on
  the screen: the server's answer, reading it, and drawing. What comes before that, scripts and connection, is the first load,
  of which it is a part in *from the address*. *Anew*: in a page that has all 5,000, from an empty filter back to the whole list.
- **open**: from the click until the line above the first unread message is on the screen.
- **frames**: a script scrolls by 30 px a frame (the far scroll: 400), so everything that scrolling costs lies on the page's one
  thread; counted is when the browser began each frame. Without a graphics processor, drawing takes part of the same cores.
- **memory**: what is in use after a collection of garbage, compared with before the scrolling.

## Frames

![How long each frame took while the room and the list were scrolled](images/web-frames.svg)

What the thread was busy with, milliseconds per frame of 16.7:

| | all | script | style | layout |
| --- | --- | --- | --- | --- |
${busiest.join('\n')}
`
}

function ms(value: number): string {
  return value.toFixed(2)
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
}
