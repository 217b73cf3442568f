import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { removeHome } from '../../../events/embedded/remove-home.ts'
import { temporaryHome } from '../../events/embedded/temporary-home.ts'
import { type Ended, hansard } from '../hansard.ts'
import * as shapes from './shapes.ts'

const { folder, remove } = temporaryHome()
const runFile = join(import.meta.dirname, '..', 'instant.yaml')
let made: z.infer<typeof shapes.run>
let held: z.infer<typeof shapes.run>

const at = (...args: readonly string[]): Promise<Ended> => hansard([...args, '--home', folder])

const json = async <T extends z.ZodType>(shape: T, ...args: readonly string[]): Promise<z.infer<T>> => {
  const { exit, stdout, stderr } = await at(...args, '--json')
  expect(stderr.replaceAll(/^\d{4}-.*\n/gm, '')).toBe('')
  expect(exit).toBe(0)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return shape.parse(JSON.parse(stdout))
}

beforeAll(async () => {
  made = await json(shapes.run, 'run', runFile)
  held = await json(shapes.run, 'run', runFile, '--constitution', 'good-neighbours', '--hold', 'policy')
}, 240_000)
afterAll(remove)

describe('a run', () => {
  test('ends with one line that names it, its seal and what it cost', () => {
    expect(made.modelCalls).toBeGreaterThan(100)
    expect(held.run).not.toBe(made.run)
    expect(held.modelCalls).toBeLessThan(made.modelCalls)
  })

  test('started again asks nobody, and has the same seal', async () => {
    const again = await json(shapes.run, 'run', runFile)
    expect(again).toMatchObject({ run: made.run, seal: made.seal, events: made.events, modelCalls: 0 })
  })

  test('shows its last page at the end, and later again', async () => {
    const ended = await at('run', runFile)
    const later = await at('runs', made.run.slice(0, 10))
    expect(ended.exit).toBe(0)
    for (const { stdout } of [ended, later]) {
      expect(stdout).toContain(`run ${made.run.slice(0, 8)} done in`)
      expect(stdout).toContain('WHAT CHANGED')
      expect(stdout).toContain('WHO DID THE WORK')
      expect(stdout).toContain(`seal ${made.seal.slice(0, 8)}…`)
      expect(stdout).toContain('NOT SIGNED')
    }
    expect(ended.stdout).toContain('no model was asked')
  })

  test('says what another constitution would ask, and with --dry-run leaves it at that', async () => {
    const { exit, stderr, stdout } = await at(
      'run',
      runFile,
      '--constitution',
      'good-neighbours',
      '--dry-run',
    )
    expect(exit).toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('what this run asks anew')
    expect((await json(shapes.runs, 'runs')).runs).toHaveLength(2)
  })

  test('goes on in the background after --detach', async () => {
    const { exit, stdout } = await at('run', runFile, '--detach')
    expect(exit).toBe(0)
    expect(stdout).toContain(`run ${made.run.slice(0, 8)} goes on in the background`)
    expect(existsSync(join(folder, 'runs', `${made.run}.log`))).toBe(true)
  })
})

describe('a query answers with the documented JSON', () => {
  test('runs', async () => {
    const { runs } = await json(shapes.runs, 'runs')
    expect(runs.map(({ id }) => id)).toEqual([held.run, made.run])
    await json(shapes.runPage, 'runs', made.run)
  })

  test('events', async () => {
    const { events, more } = await json(shapes.events, 'events', '--type', 'reward.scored', '--limit', '3')
    expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 3 }, () => 'reward.scored'))
    expect(more).toBe(true)
    const critiques = await json(shapes.events, 'events', '--type', 'critique.written', '--run', held.run)
    expect(critiques.events.length).toBeGreaterThan(0)
    expect((await json(shapes.events, 'events', '--type', 'no.such')).events).toEqual([])
  })

  test('trace, of a reward, by alias, against another, with a refit', async () => {
    const run = ['--run', made.run]
    const { picks } = await json(shapes.picks, 'trace', ...run)
    const best = picks.aliases.best ?? ''
    const traced = await json(shapes.trace, 'trace', '@best', ...run)
    expect(traced.reward.id).toBe(best)
    expect(traced.principles).toHaveLength(16)
    const sum = traced.principles.reduce((total, { addsUp }) => total + addsUp, traced.human.addsUp)
    expect(Math.abs(sum - traced.difference)).toBeLessThan(1e-9)
    const other = picks.largest[1]?.reward ?? ''
    const against = await json(
      shapes.trace,
      'trace',
      best.slice(0, 12),
      '--against',
      other,
      '--retrain',
      'human',
    )
    expect(against.reference.kind).toBe('other answer')
    expect(against['retrained']).toHaveLength(1)
    await json(shapes.trace, 'trace', '@last', ...run)
  })

  test('why, of a rollout that refuses', async () => {
    const { picks } = await json(shapes.picks, 'trace', '--run', made.run)
    const rollout = picks.refusedBenign[0]?.rollout ?? picks.largest[0]?.rollout ?? ''
    const { answer } = await json(shapes.why, 'why', rollout)
    expect(answer.id).toBe(rollout)
  })

  test('show, diff, verify, rebuild, replay', async () => {
    const { events } = await json(shapes.events, 'events', '--limit', '1')
    const shown = await json(shapes.show, 'show', events[0]?.id ?? '')
    expect(shown.hash.equal).toBe(true)
    const diff = await json(shapes.diff, 'diff', made.run, held.run)
    expect(diff.chains.touched).toBe(0)
    expect(diff.labels.onEqualPairs).toBe(diff.labels.compared)
    const { bad, badTotal } = await json(shapes.verification, 'verify')
    expect([bad, badTotal]).toEqual([[], 0])
    expect((await json(shapes.rebuilt, 'rebuild')).equal).toBe(true)
    const { trainings } = await json(shapes.replayed, 'replay', made.run, '--file', runFile)
    expect(trainings.map(({ equal }) => equal)).toEqual(trainings.map(() => true))
  })

  test('constitution list, plugin list, doctor', async () => {
    const { constitutions } = await json(shapes.constitutions, 'constitution', 'list')
    expect(constitutions.map(({ name }) => name)).toContain('petty-mischief')
    const { plugins } = await json(shapes.plugins, 'plugin', 'list')
    expect(plugins.map(({ name }) => name)).toEqual(expect.arrayContaining(['pocket', 'llama']))
    const { checks } = await json(shapes.checks, 'doctor')
    expect(checks.filter(({ state }) => state === 'bad')).toEqual([])
  })

  test('principles have the same id in a list as in a record', async () => {
    const { constitutions } = await json(shapes.constitutions, 'constitution', 'list')
    const listed = constitutions.find(({ name }) => name === 'petty-mischief')
    const traced = await json(shapes.trace, 'trace', '@best', '--run', made.run)
    expect(traced.principles.map(({ key, id }) => ({ key, id }))).toEqual(listed?.principles)
  })

  test('export', async () => {
    for (const what of ['preferences', 'sft', 'rollouts']) {
      const out = join(dirname(folder), `${what}.parquet`)
      const written = await json(shapes.exported, 'export', made.run, '--what', what, '--out', out)
      expect(written.rows).toBeGreaterThan(0)
      expect(statSync(out).size).toBe(written.bytes)
    }
  })

  test('backup and restore', async () => {
    const file = join(dirname(folder), 'record.tar.zst')
    const written = await json(shapes.backedUp, 'backup', file)
    const elsewhere = join(dirname(folder), 'elsewhere')
    const { exit, stdout } = await hansard(['restore', file, '--home', elsewhere, '--json'])
    expect(exit).toBe(0)
    const { records } = shapes.restored.parse(JSON.parse(stdout))
    expect(records).toBe(written.records)
    const runs = await hansard(['runs', '--home', elsewhere, '--json'])
    expect(shapes.runs.parse(JSON.parse(runs.stdout)).runs).toHaveLength(2)
    await removeHome(elsewhere)
  })
})

describe('a query that cannot be answered', () => {
  test.each([
    [['show', 'zz'], 'no event starts with "zz"'],
    [['show', 'ffffffffffffffff'], 'no event starts with'],
    [['events', '--run', 'ffffffffffffffff'], 'no run starts with'],
    [['trace', 'ffffffffffffffff'], 'no event starts with'],
    [['trace', '@best', '--retrain', 'no-such-key', '--run', '@'], 'no run starts with'],
    [['diff', 'ffffffffffffffff', 'ffffffffffffffff'], 'no run starts with'],
    [['replay', 'ffffffffffffffff'], 'no run starts with'],
    [['backup', import.meta.filename], 'is there already'],
    [['restore', join(import.meta.dirname, 'none')], 'is not there'],
  ])('hansard %j', async (args, said) => {
    const { exit, stdout, stderr } = await at(...args)
    expect(stderr).toContain(said)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(exit).toBe(2)
  })

  test('lists what an ambiguous id could be', async () => {
    const { exit, stderr } = await at('show', 'a')
    expect(exit).toBe(2)
    expect(stderr).toMatch(/^hansard: "a" is the beginning of several ids:\n {2}a[0-9a-f]{11} {2}\w+\.\w+ /)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('Give a few more digits.')
  })

  test('names the principles where one to refit without is none', async () => {
    const { exit, stderr } = await at('trace', '@best', '--run', made.run, '--retrain', 'no-such-key')
    expect(exit).toBe(2)
    expect(stderr).toContain('no label of this preference model was given under "no-such-key"')
  })
})
