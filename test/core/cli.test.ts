import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { openProgram } from '../../core/program.ts'
import { hansard } from './hansard.ts'

const folder = mkdtempSync(join(tmpdir(), 'hansard-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
const path = (command: Command): string =>
  command.parent === null ? '' : `${path(command.parent)} ${command.name()}`.trim()
const commands = all(openProgram().program).filter(
  (command) => !['complete', 'help', ''].includes(command.name()) && command.parent !== null,
)

describe('help', () => {
  test('names every command, the exit codes and the environment', async () => {
    const { exit, stdout, stderr } = await hansard(['--help'])
    expect(exit).toBe(0)
    expect(stderr).toBe('')
    for (const command of openProgram().program.commands.filter((each) => each.name() !== 'complete'))
      expect(stdout).toContain(`  ${command.name()}`)
    for (const code of ['0 ', '1 ', '2 ', '3 ', '130']) expect(stdout).toMatch(new RegExp(`^  ${code} `, 'm'))
    for (const name of ['NO_COLOR', 'HANSARD_DATABASE_URL']) expect(stdout).toContain(name)
  })

  test('is what hansard alone shows', async () => {
    expect(await hansard([])).toEqual(await hansard(['--help']))
  })

  test.each(commands.map((command) => [path(command), command] as const))(
    'of `%s` has a sentence, and examples that name it',
    (name, command) => {
      expect(command.description().length).toBeGreaterThan(10)
      if (command.commands.length > 0 || name.startsWith('completion')) return
      let text = ''
      command.configureOutput({ writeOut: (part) => (text += part) })
      command.outputHelp()
      expect(text).toContain('Examples:')
      expect(text).toContain(`$ hansard ${name}`)
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(82)
    },
  )

  test('imports nothing heavy', async () => {
    const heavy = ['zod', 'pg', 'yaml', '@dbos-inc/dbos-sdk', 'string-width', 'hyparquet-writer']
    const loaded = await hansard(['--help'], { env: { NODE_DEBUG: 'esm' } })
    expect(loaded.stderr).toContain('node_modules/commander/')
    for (const name of heavy) expect(loaded.stderr).not.toContain(`node_modules/${name}/`)
  })
})

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('bad input is one line that says how to go on, exit code 2', () => {
  test.each([
    [['rnu'], "hansard: unknown command 'rnu' (Did you mean run"],
    [['run', '--sed', '1'], "hansard: unknown option '--sed' (Did you mean --seed?)"],
    [['events', '--limit', 'many'], 'Expected a whole number from 1 on.'],
    [['run', '--workers', '0'], 'Expected a whole number from 1 on.'],
    [['run', '--hold', 'rollouts'], 'Expected policy, or policy:RUN with the id of a run.'],
    [['show'], "hansard: missing required argument 'id'"],
    [['trace', 'a', 'b'], 'too many arguments'],
    [['export', '7dbb42b6', '--to', 'csv'], 'Allowed choices are parquet'],
    [['constitution', 'show', 'nope'], 'Name one of good-neighbours, petty-mischief'],
    [['constitution', 'check', join(folder, 'none.yaml')], 'none.yaml” cannot be read'],
    [['run', join(folder, 'none.yaml')], 'Name a YAML file, or none for the default run.'],
    [['plugin', 'list', 'no-such-plugin-here'], 'no-such-plugin-here'],
  ])('hansard %j', async (args, said) => {
    const { exit, stdout, stderr } = await hansard([...args, '--home', join(folder, 'bad')])
    expect(stderr).toContain(said)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(exit).toBe(2)
  })

  test.each([
    'runs',
    'events',
    'show abc',
    'trace',
    'why abc',
    'verify',
    'rebuild',
    'diff a b',
    'replay a',
    'export a',
    'backup x',
  ])('hansard %s where there is no record', async (line) => {
    const { exit, stdout, stderr } = await hansard([...line.split(' '), '--home', join(folder, 'none')])
    expect(stderr).toBe(
      `hansard: there is no record in ${join(folder, 'none')}. Make one with \`hansard run\`, or name the folder of another with --home DIR.\n`,
    )
    expect(stdout).toBe('')
    expect(exit).toBe(2)
  })

  test('with line and column where it is in a file', async () => {
    const settings = file('run.yaml', 'name: mine\nseed: -1\nfeedback:\n  pears: 3\n')
    const { exit, stderr } = await hansard(['run', settings, '--home', join(folder, 'bad')])
    expect(exit).toBe(2)
    expect(stderr).toContain(`${settings}:2:7 seed:`)
    expect(stderr).toContain(`${settings}:4:3 feedback: Unrecognized key: "pears"`)
    const constitution = file(
      'c.yaml',
      "name: mine\nversion: '1'\nprinciples:\n  - key: Kind\n    principle: x\n",
    )
    const checked = await hansard(['constitution', 'check', constitution])
    expect(checked.exit).toBe(2)
    expect(checked.stderr).toContain('c.yaml:4:10')
  })

  test('and drives no terminal', async () => {
    for (const args of [
      ['\u001b[2Jrun'],
      ['show', '\u001b]52;c;x\u0007', '--home', join(folder, 'none')],
      ['run', '\u009b31m.yaml'],
    ]) {
      const { exit, stderr } = await hansard(args)
      expect(exit).toBe(2)
      expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Control}/u)
    }
  })

  test('with the place in the code only after --debug', async () => {
    const wrong = ['constitution', 'show', 'nope']
    expect((await hansard(wrong)).stderr.trimEnd().split('\n')).toHaveLength(1)
    expect((await hansard([...wrong, '--debug'])).stderr).toContain('    at ')
  })
})

describe('the command line', () => {
  test('completes commands and options for three shells', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { exit, stdout } = await hansard(['completion', shell])
      expect(exit).toBe(0)
      expect(stdout).toContain('hansard')
    }
    expect((await hansard(['complete', '--', 'tr'])).stdout).toContain('trace')
    expect((await hansard(['complete', '--', 'export', '--to', ''])).stdout).toContain('parquet')
  })

  test('says its version', async () => {
    expect((await hansard(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
