import { describe, expect, test } from 'vitest'
import { openProgram } from '../../core/program.ts'
import { constitutionListPage, constitutionPage } from '../../tui/constitution-page.ts'
import { diffPage } from '../../tui/diff-page.ts'
import { doctorPage } from '../../tui/doctor-page.ts'
import { eventPage } from '../../tui/event-page.ts'
import { eventsPage } from '../../tui/events-page.ts'
import { forecastPage } from '../../tui/forecast-page.ts'
import type { Frame } from '../../tui/frame.ts'
import { coloured, uncoloured } from '../../tui/paint.ts'
import { picksPage } from '../../tui/picks-page.ts'
import { pluginListPage } from '../../tui/plugin-page.ts'
import { rebuildPage } from '../../tui/rebuild-page.ts'
import { replayPage } from '../../tui/replay-page.ts'
import { runPage } from '../../tui/run-page.ts'
import { runsPage } from '../../tui/runs-page.ts'
import { tracePage } from '../../tui/trace-page.ts'
import { verifyPage } from '../../tui/verify-page.ts'
import { whyPage } from '../../tui/why-page.ts'
import { width } from '../../tui/width.ts'
import { hostileTexts } from './hostile-texts.ts'
import * as listings from './sample-listings.ts'
import { page } from './sample-run-page.ts'
import { trace } from './sample-trace.ts'
import { why } from './sample-why.ts'

/** Everything that pages are drawn from. */
const samples = { ...listings, page, trace, why, home: '.hansard', topic: 'reward.scored' }

type Draw = (sample: typeof samples, frame: Frame) => string[]

const pages: Readonly<Record<string, Draw>> = {
  'the last page of a run': (sample, frame) =>
    runPage(sample.page, { seconds: 252, modelCalls: 99_000, home: sample.home }, frame),
  'a trace': (sample, frame) => tracePage(sample.trace, frame),
  'a trace with a refit': (sample, frame) =>
    tracePage(
      { ...sample.trace, retrained: [{ without: 'privacy', difference: 0.865, newton: 0.87 }] },
      frame,
    ),
  'a why': (sample, frame) => whyPage(sample.why, frame),
  'a why without a contrast': (sample, frame) =>
    whyPage({ ...sample.why, contrast: undefined, noContrast: `none: ${sample.home}` }, frame),
  'what is worth a trace': (sample, frame) => picksPage(sample.page.run.id, sample.picks, frame),
  'the runs': (sample, frame) => runsPage(sample.runs, frame),
  'the events': (sample, frame) => eventsPage(sample.listing, { limit: 5 }, frame),
  'no events': (sample, frame) =>
    eventsPage({ events: [], more: false }, { limit: 5, type: sample.topic, run: sample.home }, frame),
  'an event': (sample, frame) => eventPage(sample.shown, frame),
  'a damaged event': (sample, frame) =>
    eventPage(
      { ...sample.shown, fields: null, texts: [], hash: { ...sample.shown.hash, equal: false } },
      frame,
    ),
  'a diff': (sample, frame) => diffPage(sample.diff, frame),
  'a verification with findings': (sample, frame) => verifyPage(sample.verification, 1.8, frame),
  'a verification': (sample, frame) =>
    verifyPage({ ...sample.verification, bad: [], badTotal: 0 }, 1.8, frame),
  'a rebuild': (sample, frame) => rebuildPage(sample.rebuilt, 1.5, frame),
  'a rebuild that differs': (sample, frame) => rebuildPage({ ...sample.rebuilt, equal: false }, 1.5, frame),
  'a replay': (sample, frame) => replayPage(sample.replayed, frame),
  'a diagnosis': (sample, frame) => doctorPage(sample.checks, frame),
  'a forecast': (sample, frame) => forecastPage(sample.forecast, frame),
  'the constitutions': (sample, frame) => constitutionListPage(sample.constitutions, frame),
  'a constitution': (sample, frame) => constitutionPage(sample.constitutions[0]!, frame),
  'the plugins': (sample, frame) => pluginListPage(sample.plugins, frame),
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
const commandNames = openProgram().program.commands.map((command) => command.name())

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
  'sealed',
  'open',
  'ok',
  'failed',
  'fine',
  'warn',
  'bad',
  'record',
  'text',
])

describe.each(Object.entries(pages))('%s', (_, draw) => {
  test.each([
    [80, 24],
    [200, 50],
  ])('reads like this at %i columns', (columns, rows) => {
    expect(`\n${draw(samples, frameOf(columns, rows)).join('\n')}\n`).toMatchSnapshot()
  })

  test('fits whatever width there is', () => {
    for (let columns = 60; columns <= 300; columns += 7)
      for (const line of draw(samples, frameOf(columns, 24)))
        expect(width(line), line).toBeLessThanOrEqual(columns)
  })

  test('says the same with colours', () => {
    // oxlint-disable-next-line no-control-regex
    const bare = draw(samples, frameOf(80, 24, coloured)).map((line) => line.replace(/\u001b\[\d+m/g, ''))
    expect(bare.map((line) => line.trimEnd())).toEqual(
      draw(samples, frameOf(80, 24)).map((line) => line.trimEnd()),
    )
  })

  test('names only commands that exist', () => {
    const commands = /npx hansard (\w+)/g
    for (const [, command] of draw(samples, frameOf(200, 50)).join('\n').matchAll(commands))
      expect(commandNames).toContain(command)
  })
})

describe.each(hostileTexts)('$name in every text', ({ text }) => {
  const hostile = poisoned(samples, text)
  test.each(Object.entries(pages))('drives nothing on %s, and keeps to the width', (_, draw) => {
    for (const line of draw(hostile, frameOf(80, 24))) {
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
