/**
 * Writes test/golden/: records of every type and version, with their ids and recipes, which must read, hash and verify
 * for ever. `node tools/golden-corpus.ts` adds files for new types and versions and leaves the others as they are;
 * with `--unreleased` it writes all of them anew, which is right only while no release has written any.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { recordEvent } from '../events/identity.ts'
import { vocabulary } from '../events/vocabulary.ts'
import type { EventType } from '../events/vocabulary/define.ts'
import { anyAct, failedOf, succeededOf } from '../test/events/arbitrary-event.ts'

export const goldenFolder = join(import.meta.dirname, '..', 'test', 'golden')
export const goldenFile = ({ type, v }: EventType): string => join(goldenFolder, `${type}.${v}.jsonl`)

/** One line of a golden file. */
export interface Golden {
  /** The record's bytes, which are UTF-8. */
  readonly value: string
  readonly id: string
  readonly recipe: string
}

/** Three successes and, where there are any, two failures. */
const examplesOf = (definition: EventType): readonly Golden[] => {
  const acts = fc.sample(anyAct(definition, succeededOf(definition)), { seed: 1, numRuns: 3 })
  if (definition.failed !== undefined)
    acts.push(...fc.sample(anyAct(definition, failedOf(definition.failed)), { seed: 2, numRuns: 2 }))
  return acts.map((act) => {
    const { bytes, id, recipe } = recordEvent(definition, act)
    return { value: Buffer.from(bytes).toString(), id, recipe }
  })
}

if (import.meta.main) {
  const anew = process.argv.includes('--unreleased')
  mkdirSync(goldenFolder, { recursive: true })
  if (anew) for (const name of readdirSync(goldenFolder)) rmSync(join(goldenFolder, name))
  const missing = vocabulary.filter((definition) => !existsSync(goldenFile(definition)))
  for (const definition of missing) {
    const lines = examplesOf(definition).map((golden) => `${JSON.stringify(golden)}\n`)
    writeFileSync(goldenFile(definition), lines.join(''))
  }
  console.log(`${missing.length} files written, ${vocabulary.length - missing.length} left as they are`)
}
