import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { openProgram } from '../../core/program.ts'
import * as shapes from './commands/shapes.ts'

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cli.md'), 'utf8')

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)]

/** Parses a command line and does nothing: what it would have called, or commander’s error. */
const parse = async (words: readonly string[]): Promise<string> => {
  const { program } = openProgram()
  let called = ''
  for (const command of everyCommand(program))
    if (command.commands.length === 0)
      command.action(() => {
        called = command.name()
      })
  await program.parseAsync(['node', 'hansard', ...words])
  return called
}

const helpOf = (command: Command): string => {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  return text
}

describe('every example', () => {
  const inDocs = [...docs.matchAll(/^npx hansard (.+)$/gm)].map(([, line]) => line ?? '')
  const inHelp = everyCommand(openProgram().program)
    .filter((command) => command.name() !== 'complete')
    .flatMap((command) => [...helpOf(command).matchAll(/^ {2}\$ hansard (.+?)(?: {2,}.*)?$/gm)])
    .map(([, line]) => line ?? '')

  test('there are some', () => {
    expect(inDocs.length).toBeGreaterThan(5)
    expect(inHelp.length).toBeGreaterThan(30)
  })

  test.each([...new Set([...inDocs, ...inHelp])])('hansard %s', async (line) => {
    const words = line.split(' ')
    const last = words.findLast((word) =>
      everyCommand(openProgram().program).some((each) => each.name() === word),
    )
    expect(await parse(words)).toBe(last)
  })
})

describe('the documentation', () => {
  test('lists every command, and no other', () => {
    const listed = [...docs.matchAll(/^\| (`.+?) \|/gm)]
      .flatMap(([, cell]) => (cell ?? '').split(', '))
      .map((name) => /`(\w+)/.exec(name)?.[1])
    const there = openProgram()
      .program.commands.map((command) => command.name())
      .filter((name) => name !== 'complete')
    expect(new Set(listed.filter((name) => name !== 'show' && name !== 'check'))).toEqual(
      new Set(there.filter((name) => name !== 'show')),
    )
  })

  const samples = [...docs.matchAll(/<!-- (\w+) -->\n```json\n([\s\S]*?)```/g)].map(
    ([, name, json]) => [name ?? '', json ?? ''] as const,
  )

  test.each(samples)('shows %s as it is', (name, json) => {
    const shape = (shapes as Readonly<Record<string, z.ZodType>>)[name]
    expect(shape?.safeParse(JSON.parse(json))).toMatchObject({ success: true })
  })

  test('shows every shape that the tests know', () => {
    const known = Object.keys(shapes).filter((name) => !['trust', 'runPage'].includes(name))
    expect(new Set(samples.map(([name]) => name))).toEqual(new Set(known))
  })
})
