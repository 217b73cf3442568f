import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readRunFile } from '../../core/run-file.ts'
import { runFileSchema } from '../../core/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'hansard-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const written = (text: string): string => {
  const file = join(folder, 'run.yaml')
  writeFileSync(file, text)
  return file
}

describe('a run file', () => {
  test('as docs/run-file.md shows it is the default run, field by field', async () => {
    const page = readFileSync(new URL('../../docs/run-file.md', import.meta.url), 'utf8')
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const { settings } = await readRunFile(written(yaml))
    expect(settings).toEqual(runFileSchema.parse({}))
  })

  test('that is empty is the default run, as is none', async () => {
    const { settings } = await readRunFile(written(''))
    expect(settings).toEqual((await readRunFile(undefined)).settings)
  })

  test('resolves its paths from its own folder', async () => {
    expect((await readRunFile(written('seed: 2'))).folder).toBe(folder)
  })

  test('switches a stage off with false', async () => {
    const { settings } = await readRunFile(written('reinforcement: false\ncritique: { rounds: 0 }'))
    expect(settings).toMatchObject({ reinforcement: false, critique: { rounds: 0, mode: 'critiqued' } })
  })

  test.each([
    ['an unknown key', 'name: x\ncritique:\n  ronds: 2\n', /run\.yaml:3:3 .*ronds/],
    ['a wrong value', 'seed: -1\n', /run\.yaml:1:7 seed/],
    ['a format that nobody reads', 'prompts:\n  red_team: { file: a, format: csv }\n', /run\.yaml:2:/],
    [
      'two trainings of one name',
      'reinforcement:\n  - { name: RL, steps: 2 }\n  - { name: RL, steps: 3 }\n',
      /run\.yaml:\d+:\d+ reinforcement: two trainings have one name/,
    ],
    [
      'a snapshot that never comes',
      'reinforcement:\n  - { name: RL, steps: 2, snapshots: [1, 3] }\n',
      /run\.yaml:2:\d+ .*snapshots: a snapshot lies beyond the last step/,
    ],
    [
      'comparisons from a dataset and no dataset',
      'helpfulness: { from: dataset }\n',
      /run\.yaml:1:\d+ helpfulness\.from: .*name it under `dataset`/,
    ],
    ['an order asked twice', 'feedback: { orders: [ab, ab] }\n', /feedback\.orders: an order is asked once/],
    ['all comparisons held out', 'preference: { held_out: 1 }\n', /preference\.held_out/],
    ['a key that stands twice', 'seed: 1\nseed: 2\n', /run\.yaml:2:1/],
  ])('with %s is refused with line and column', async (_what, text, message) => {
    await expect(readRunFile(written(text))).rejects.toThrow(message)
  })

  test('that is not there is refused with what to do', async () => {
    await expect(readRunFile(join(folder, 'none.yaml'))).rejects.toMatchObject({
      code: 'run_file_missing',
      exit: 2,
    })
  })
})
