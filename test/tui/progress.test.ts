// oxlint-disable no-control-regex -- what is sent to a terminal is what is looked for here
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openProgress } from '../../tui/progress.ts'
import type { RunProgress } from '../../tui/progress-types.ts'
import { width } from '../../tui/width.ts'
import { hostileTexts } from './hostile-texts.ts'
import { ScreenModel } from './screen-model.ts'

const start = Date.UTC(2026, 0, 2, 3, 4, 5)

class Recorder extends EventEmitter {
  readonly isTTY: boolean
  columns: number
  rows: number
  text = ''
  constructor(isTTY: boolean, columns = 80, rows = 24) {
    super()
    this.isTTY = isTTY
    this.columns = columns
    this.rows = rows
  }
  write(text: string): void {
    this.text += text
  }
}

const labels = (done: number, asked = done): RunProgress => ({
  kind: 'stage',
  stage: 'labels',
  title: 'AI labels',
  done,
  total: 5000,
  unit: 'labels',
  asked,
  remembered: done - asked,
})

beforeEach(() => void vi.useFakeTimers({ now: start }))
afterEach(() => void vi.useRealTimers())

describe('progress where there is no terminal', () => {
  test('is a line every few seconds, with time, count, rate and time left', () => {
    const stream = new Recorder(false)
    const view = openProgress(stream, { plain: false, color: true, now: Date.now })
    for (let second = 0; second <= 12; second += 1) {
      view.show(labels(second * 100 + 1))
      vi.advanceTimersByTime(1000)
    }
    view.show({ kind: 'closed', stage: 'labels', events: 10_002, seconds: 13 })
    view.finish()
    expect(stream.text.split('\n')).toEqual([
      '2026-01-02T03:04:05Z AI labels: 1/5,000 labels',
      '2026-01-02T03:04:10Z AI labels: 501/5,000 labels, 100/s, 45s left',
      '2026-01-02T03:04:15Z AI labels: 1,001/5,000 labels, 100/s, 40s left',
      '2026-01-02T03:04:18Z AI labels closed: 1,201 labels, 10,002 events, 13s',
      '',
    ])
  })

  test('keeps exhibits whole and behind a rule', () => {
    const stream = new Recorder(false)
    const view = openProgress(stream, { plain: true, color: false, now: Date.now })
    view.show({ kind: 'exhibit', title: 'The first label', lines: ['both orders', 'P 0.94'] })
    expect(stream.text).toBe(
      ['The first label', '│ both orders', '│ P 0.94']
        .map((line) => `2026-01-02T03:04:05Z ${line}\n`)
        .join(''),
    )
  })

  test('is plain on a terminal too where that is asked for', () => {
    const stream = new Recorder(true)
    openProgress(stream, { plain: true, color: true, now: Date.now }).show(labels(1))
    expect(stream.text).not.toContain('\u001b')
  })
})

/** Twenty seconds of AI labels at 100 a second, with an exhibit after three. */
const play = (columns: number, rows = 24, color = false): { stream: Recorder; screen: ScreenModel } => {
  const stream = new Recorder(true, columns, rows)
  const screen = new ScreenModel(columns, rows)
  const view = openProgress(stream, { plain: false, color, now: Date.now })
  const flush = (): void => {
    screen.feed(stream.text)
    stream.text = ''
  }
  for (const [stage, title] of [
    ['labels', 'AI labels'],
    ['fit', 'preference model'],
    ['rl', 'reinforcement'],
  ] as const)
    view.show({ kind: 'stage', stage, title, done: 0, total: 5000, unit: 'labels' })
  for (let second = 1; second <= 20; second += 1) {
    vi.advanceTimersByTime(900)
    view.show(labels(second * 100))
    if (second === 3)
      view.show({
        kind: 'exhibit',
        title: 'The first label',
        lines: ['"it is hers" over "look while she sleeps"'],
      })
    vi.advanceTimersByTime(100)
    flush()
  }
  return { stream, screen }
}

describe('progress on a terminal', () => {
  test('shows the stage with bar, count, rate, time left, and what comes then', () => {
    const { screen } = play(80)
    const lines = screen.lines()
    expect(lines.at(-2)).toMatch(/^▸ AI labels +█+[▏▎▍▌▋▊▉]? +2,000\/5,000 labels {2}\d+\/s {2}\d+s left$/)
    expect(lines.at(-1)).toBe(
      '  20s so far · 2,000 asked · 0 remembered · then preference model, reinforceme…',
    )
  })

  test('keeps exhibits above the block, once', () => {
    const { screen } = play(80)
    expect(screen.lines().filter((line) => line.includes('The first label'))).toHaveLength(1)
    expect(screen.lines().filter((line) => line.startsWith('▸'))).toHaveLength(1)
  })

  test.each([60, 61, 80, 100, 133, 200, 300])('stays within %i columns', (columns) => {
    const { screen } = play(columns)
    expect(screen.wrapped).toBe(false)
    for (const line of screen.lines()) expect(width(line)).toBeLessThan(columns)
    expect(screen.lines().some((line) => line.includes('2,000/5,000 labels'))).toBe(true)
  })

  test('leaves no trace of the block behind, and what was closed stays', () => {
    const stream = new Recorder(true)
    const screen = new ScreenModel(80, 24)
    const view = openProgress(stream, { plain: false, color: false, now: Date.now })
    view.show(labels(5000, 1000))
    view.show({ kind: 'closed', stage: 'labels', events: 15_000, seconds: 28 })
    view.show({ kind: 'notice', line: 'stopped cleanly: the same command goes on' })
    view.finish()
    view.finish()
    view.show(labels(1))
    screen.feed(stream.text)
    expect(screen.lines().filter((line) => line !== '')).toEqual([
      '✓ AI labels                     28s  5,000 labels · 4,000 remembered',
      'stopped cleanly: the same command goes on',
    ])
    expect(stream.listenerCount('resize')).toBe(0)
  })

  test('draws anew after the terminal was made narrower, over what its lines became', () => {
    const { stream, screen } = play(120)
    stream.columns = 70
    screen.reflow(70)
    stream.emit('resize')
    screen.feed(stream.text)
    expect(screen.lines().filter((line) => line.startsWith('▸'))).toHaveLength(1)
    expect(screen.lines().filter((line) => line.includes('so far'))).toHaveLength(1)
    expect(screen.lines().filter((line) => line.includes('The first label'))).toHaveLength(1)
  })

  test('tells a training that is closed at every checkpoint as one', () => {
    for (const isTTY of [true, false]) {
      const stream = new Recorder(isTTY, 100)
      const screen = new ScreenModel(100, 24)
      const view = openProgress(stream, { plain: false, color: false, now: Date.now })
      for (const step of [10, 20, 30]) {
        const stage = `RL ${step}`
        view.show({ kind: 'stage', stage, title: 'RL', done: step, total: 30, unit: 'steps' })
        view.show({ kind: 'closed', stage, events: 100, seconds: 2 })
      }
      view.show(labels(1))
      screen.feed(stream.text)
      const told = screen.lines().filter((line) => /^✓ RL|RL closed/.test(line))
      expect(told).toHaveLength(1)
      expect(told[0]).toMatch(/30 steps.*300 events/)
      expect(told[0]).toContain('6.0s')
      view.finish()
    }
  })

  test('fits a terminal of few rows', () => {
    const stream = new Recorder(true, 80, 5)
    const screen = new ScreenModel(80, 5)
    const view = openProgress(stream, { plain: false, color: false, now: Date.now })
    for (let stage = 0; stage < 12; stage += 1)
      view.show({
        kind: 'stage',
        stage: `s${stage}`,
        title: `stage ${stage}`,
        done: 1,
        total: 9,
        unit: 'steps',
      })
    vi.advanceTimersByTime(5000)
    screen.feed(stream.text)
    expect(screen.scrolled).toBe(0)
    expect(screen.lines().filter((line) => line.includes('so far'))).toHaveLength(1)
  })

  test('is without colour where none is wanted, and says the same with it', () => {
    const bare = play(80)
    expect(bare.stream.text).not.toMatch(/\u001b\[\d+m/)
    vi.setSystemTime(start)
    expect(play(80, 24, true).screen.lines()).toEqual(bare.screen.lines())
  })
})

describe.each([true, false])('a hostile text in progress (terminal: %s)', (isTTY) => {
  test.each(hostileTexts)('$name drives nothing', ({ text }) => {
    const stream = new Recorder(isTTY)
    const view = openProgress(stream, { plain: false, color: false, now: Date.now })
    view.show({ kind: 'stage', stage: text, title: text, done: 3, total: 5, unit: text })
    view.show({ kind: 'exhibit', title: text, lines: [text, `answer "${text}"`] })
    view.show({ kind: 'notice', line: text })
    view.show({ kind: 'closed', stage: text, events: 3, seconds: 1 })
    view.finish()
    // What is left once our own cursor moves are taken out.
    const rest = stream.text.replace(/\u001b\[(\?2026[hl]|\d*A|J)|\r(?=\u001b)/g, '').replaceAll('\n', '')
    expect(rest).not.toMatch(/[\p{Control}\p{Surrogate}\u2028\u2029]/v)
    expect(rest.replace(/\p{RGI_Emoji}/gv, '')).not.toMatch(/\p{Format}/v)
  })
})
