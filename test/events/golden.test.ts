import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import { decodeRecord } from '../../events/identity.ts'
import { viewOf } from '../../events/upcast.ts'
import { vocabulary } from '../../events/vocabulary.ts'
import { type Golden, goldenFile, goldenFolder } from '../../tools/golden-corpus.ts'

const lines = (name: string): readonly Golden[] =>
  readFileSync(join(goldenFolder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Golden)

describe('the golden corpus', () => {
  it.each(vocabulary.map((definition) => [definition.type, definition] as const))(
    'has records of %s',
    (_type, of) => {
      expect(existsSync(goldenFile(of))).toBe(true)
    },
  )

  it.each(readdirSync(goldenFolder))('%s reads, hashes and verifies as ever', (name) => {
    expect(lines(name).length).toBeGreaterThan(0)
    for (const { value, id, recipe } of lines(name)) {
      const recorded = decodeRecord(Buffer.from(value))
      expect(recorded).toMatchObject({ id, recipe })
      expect(sha256Hex(value)).toBe(id)
      const { type, by, params, parents, draw } = recorded.event
      expect(sha256Hex(canonicalize({ type, by, params, parents, draw }) ?? '')).toBe(recipe)
      expect(canonicalize(recorded.event)).toBe(value)
      expect(viewOf(recorded.event).known).toBe(true)
    }
  })
})
