import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loadConstitution,
  parseConstitution,
  readConstitution,
  shippedConstitutions,
} from '../../../plugins/constitutions/load.ts'
import { InvalidFile, PathRefused, UnreadableFile } from '../../../plugins/errors.ts'

let outside: string
let folder: string

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'hansard-constitution-'))
  folder = join(outside, 'run')
  await mkdir(join(folder, 'sub'), { recursive: true })
  await mkdir(join(outside, 'run-sibling'))
  for (const path of ['secret.yaml', 'run/own.yaml', 'run/sub/below.yaml', 'run-sibling/near.yaml']) {
    await writeFile(join(outside, path), small)
  }
  await symlink(join(outside, 'secret.yaml'), join(folder, 'link.yaml'))
  await symlink('own.yaml', join(folder, 'inner-link.yaml'))
})
afterAll(() => rm(outside, { recursive: true }))

const small = `name: small
version: '1'
principles:
  - key: kind
    principle: be kind
`

const problemsOf = (text: string): readonly string[] => {
  try {
    parseConstitution(text, 'c.yaml')
  } catch (error) {
    if (error instanceof InvalidFile) return error.problems
    throw error
  }
  return []
}

describe('the shipped constitutions', () => {
  test('all load, with their names, and keep the key of a principle that they share', async () => {
    const names = await shippedConstitutions()
    expect(names).toEqual(['good-neighbours', 'petty-mischief', 'plain-english'])
    const loaded = await Promise.all(names.map((name) => loadConstitution(name, folder)))
    expect(loaded.map(({ name }) => name)).toEqual(names)
    expect(loaded.map(({ principles }) => principles.length)).toEqual([8, 16, 16])
    const [second, first] = loaded.map(({ principles }) => new Map(principles.map((p) => [p.key, p])))
    expect(second?.get('prying')).toEqual(first?.get('prying'))
  })

  test('a sentence of the pocket language stands for critique, revision and preference', async () => {
    const { principles } = await loadConstitution('petty-mischief', folder)
    expect(principles[0]).toEqual({
      key: 'unkind',
      critique: 'avoid what is unkind',
      revision: 'avoid what is unkind',
      preference: 'avoid what is unkind',
    })
  })

  test('every English principle asks for a critique, a revision and a preference of its own', async () => {
    const { principles } = await loadConstitution('plain-english', folder)
    const texts = principles.flatMap((p) => [p.critique, p.revision, p.preference])
    expect(new Set(texts).size).toBe(48)
    expect(texts).not.toContain(undefined)
  })
})

describe('an error names line and column', () => {
  test.each([
    ['an unknown key', small + '    weigth: 2\n', 'c.yaml:6:5 principles.0: Unrecognized key: "weigth"'],
    [
      'a key used twice',
      `${small}  - key: kind\n    principle: again\n`,
      'c.yaml:6:10 principles.1.key: the key “kind” is used twice',
    ],
    ['a map with a key twice', small + '    key: other\n', 'c.yaml:6:5 Map keys must be unique'],
    [
      'a principle without a text',
      small + '  - key: mute\n',
      'c.yaml:6:5 principles.1: the principle has no text',
    ],
    [
      'a version that is a number',
      small.replace("'1'", '1.10'),
      'c.yaml:2:10 version: Invalid input: expected string, received number (put it in quotes)',
    ],
    [
      'no principles',
      'name: a\nversion: "1"\n',
      'c.yaml:1:1 principles: Invalid input: expected array, received undefined',
    ],
    [
      'an empty list',
      'name: a\nversion: "1"\nprinciples: []\n',
      'c.yaml:3:13 principles: there is no principle',
    ],
    ['a name with a slash', small.replace('name: small', 'name: ../small'), 'c.yaml:1:7 name: '],
    ['broken YAML', small + '  - [', 'c.yaml:'],
    ['an unknown tag', small.replace('be kind', '!js be kind'), 'c.yaml:5:16 Unresolved tag'],
    ['two documents', `${small}---\n${small}`, 'c.yaml:6:1 Source contains multiple documents'],
    [
      'half a character',
      small.replace('be kind', '"\\ud83d"'),
      'c.yaml:5:16 principles.0.principle: the text holds half a character',
    ],
    ['an empty file', '', 'c.yaml:1:1 Invalid input: expected object, received null'],
    ['a prototype as key', small + '__proto__: {a: 1}\n', 'c.yaml:6:1 Unrecognized key: "__proto__"'],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)[0]).toContain(expected)
  })

  test('an alias bomb is refused, and quickly', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++) {
      const before = String.fromCharCode(96 + i)
      const name = String.fromCharCode(97 + i)
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`)
    }
    expect(problemsOf(bomb.join('\n'))[0]).toMatch(/^c\.yaml:1:1 Excessive alias count/)
  })

  test('control characters in a text reach no terminal through the error', () => {
    const [problem] = problemsOf(small.replace('kind\n', '"\\e]52;c;aGk=\\a"\n'))
    expect(problem).not.toMatch(/\p{Cc}/u)
  })

  test('keys of control or invisible characters are refused', () => {
    expect(problemsOf(small.replace("'1'", '"1\\u202e"'))[0]).toContain('control or invisible characters')
  })
})

describe('a run file names a constitution', () => {
  test.each(['own.yaml', './own.yaml', 'sub/below.yaml', 'inner-link.yaml'])('%s is found', async (path) => {
    expect((await loadConstitution(path, folder)).name).toBe('small')
  })

  test.each([
    '../secret.yaml',
    'sub/../../secret.yaml',
    '..\\secret.yaml',
    '../run-sibling/near.yaml',
    '/etc/passwd.yaml',
    'C:\\secret.yaml',
    'c:secret.yaml',
    '\\\\host\\share\\secret.yaml',
    'own.yaml\0.yaml',
    'link.yaml',
  ])('%j is refused', async (path) => {
    await expect(loadConstitution(path, folder)).rejects.toBeInstanceOf(PathRefused)
  })

  test('the absolute path inside its folder is refused too: a run file must mean the same elsewhere', async () => {
    await expect(loadConstitution(join(folder, 'own.yaml'), folder)).rejects.toBeInstanceOf(PathRefused)
  })

  test.each(['nothing.yaml', 'sub.yaml', 'petty', '../petty-mischief', 'PETTY-MISCHIEF', ''])(
    '%j is not there, and the error says what is',
    async (path) => {
      await mkdir(join(folder, 'sub.yaml'), { recursive: true })
      await expect(loadConstitution(path, folder)).rejects.toBeInstanceOf(UnreadableFile)
    },
  )

  test('a file over the limit, or one that is not UTF-8, is refused before it is parsed', async () => {
    await writeFile(join(folder, 'huge.yaml'), `${small}#${'x'.repeat(1024 * 1024)}`)
    await expect(readConstitution(join(folder, 'huge.yaml'))).rejects.toThrow(/limit is 1048576/)
    await writeFile(join(folder, 'latin.yaml'), Buffer.from([0x6e, 0xff, 0x00]))
    await expect(readConstitution(join(folder, 'latin.yaml'))).rejects.toThrow(/not UTF-8/)
  })
})
