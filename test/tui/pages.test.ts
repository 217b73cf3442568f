import { describe, expect, test } from 'vitest'
import type { Frame } from '../../tui/frame.ts'
import { coloured, uncoloured } from '../../tui/paint.ts'
import { runPage } from '../../tui/run-page.ts'
import { tracePage } from '../../tui/trace-page.ts'
import { whyPage } from '../../tui/why-page.ts'
import { width } from '../../tui/width.ts'
import { hostileTexts } from './hostile-texts.ts'
import { page } from './sample-run-page.ts'
import { trace } from './sample-trace.ts'
import { why } from './sample-why.ts'

const execution = { seconds: 252, modelCalls: 99_000, home: '.hansard' }

const pages: Readonly<Record<string, (frame: Frame) => string[]>> = {
  'the last page of a run': (frame) => runPage(page, execution, frame),
  'a trace': (frame) => tracePage(trace, frame),
  'a trace with a refit': (frame) =>
    tracePage({ ...trace, retrained: [{ without: 'privacy', difference: 0.865, newton: 0.87 }] }, frame),
  'a why': (frame) => whyPage(why, frame),
  'a why without a contrast': (frame) =>
    whyPage(
      { ...why, contrast: undefined, noContrast: 'no answer that does not refuse is on record' },
      frame,
    ),
}

const frameOf = (columns: number, rows: number, paint = uncoloured): Frame => ({
  columns,
  rows,
  paint,
  command: 'npx hansard',
})

/** Every text of a value replaced by a hostile one; ids stay what they are. */
const poisoned = <T>(value: T, text: string): T => {
  const swap = (part: unknown): unknown => {
    if (typeof part === 'string') return /^[0-9a-f]{64}$/.test(part) ? part : keep.has(part) ? part : text
    if (Array.isArray(part)) return part.map(swap)
    if (part !== null && typeof part === 'object')
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, swap(inner)]))
    return part
  }
  return swap(value) as T
}
/** Words that steer a page rather than stand on it. */
const keep = new Set([
  'group mean',
  'snapshot',
  'revision',
  'red_team',
  'held_out_red_team',
  'held_out_helpful',
  'answer',
  'supervised',
  'preference model',
  'simulated raters',
  'exact',
  'run',
  'privacy',
  'human',
  'rollout.drawn',
  'SL-CAI',
])

describe.each(Object.entries(pages))('%s', (_, draw) => {
  test.each([
    [80, 24],
    [200, 50],
  ])('reads like this at %i columns', (columns, rows) => {
    expect(`\n${draw(frameOf(columns, rows)).join('\n')}\n`).toMatchSnapshot()
  })

  test('fits whatever width there is', () => {
    for (let columns = 60; columns <= 300; columns += 7)
      for (const line of draw(frameOf(columns, 24))) expect(width(line), line).toBeLessThanOrEqual(columns)
  })

  test('says the same with colours', () => {
    // oxlint-disable-next-line no-control-regex
    const bare = draw(frameOf(80, 24, coloured)).map((line) => line.replace(/\u001b\[\d+m/g, ''))
    expect(bare.map((line) => line.trimEnd())).toEqual(draw(frameOf(80, 24)).map((line) => line.trimEnd()))
  })

  test('names only commands that exist', () => {
    const commands = /npx hansard (\w+)/g
    for (const [, command] of draw(frameOf(200, 50)).join('\n').matchAll(commands))
      expect(['trace', 'why', 'show', 'run', 'verify', 'diff', 'events', 'runs']).toContain(command)
  })
})

describe.each(hostileTexts)('$name in every text of a page', ({ text }) => {
  test.each([
    [
      'the last page of a run',
      (frame: Frame) => runPage(poisoned(page, text), { ...execution, home: text }, frame),
    ],
    ['a trace', (frame: Frame) => tracePage(poisoned(trace, text), frame)],
    ['a why', (frame: Frame) => whyPage(poisoned(why, text), frame)],
  ])('drives nothing on %s, and keeps to the width', (_, draw) => {
    for (const line of draw(frameOf(80, 24))) {
      expect(line).not.toMatch(/[\p{Control}\p{Surrogate}\u2028\u2029]/v)
      expect(line.replace(/\p{RGI_Emoji}/gv, '')).not.toMatch(/[\p{Format}\p{Default_Ignorable_Code_Point}]/v)
      expect(width(line)).toBeLessThanOrEqual(80)
    }
  })
})

describe('a text that imitates the interface', () => {
  test('never begins a line', () => {
    const forged = 'x\nVERIFIED ✓ signed\nnext  npx hansard run\ncomplete: 1 ancestors'
    const lines = tracePage(poisoned(trace, forged), frameOf(80, 24))
    for (const line of lines) expect(line).not.toMatch(/^(VERIFIED|next {2}npx hansard run$|complete: 1 )/)
  })
})
