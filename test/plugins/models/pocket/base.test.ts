import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { dataFile } from '../../../../plugins/models/pocket/data-file.ts'
import { kernelDigest } from '../../../../plugins/models/pocket/kernel/kernel.ts'
import { POCKET_LAYOUT, POCKET_SHAPE } from '../../../../plugins/models/pocket/lm/pocket-shape.ts'
import { initialWeights } from '../../../../plugins/models/pocket/lm/weights.ts'
import { documentsOf, PRETRAINING } from '../../../../plugins/models/pocket/pretrain/schedule.ts'
import { measureSkill } from '../../../../plugins/models/pocket/pretrain/skill.ts'
import { baseWeights } from '../../../../plugins/models/pocket/studio.ts'
import { encodeWeights } from '../../../../plugins/models/pocket/training/checkpoint.ts'
import { Crew } from '../../../../plugins/models/pocket/workers/crew.ts'
import { DEFAULT16, PRINCIPLES } from '../../../../plugins/models/pocket/world/principles.ts'

const described = JSON.parse(readFileSync(dataFile('base', 'base.json'), 'utf8')) as Record<string, unknown>
const crew = new Crew(POCKET_SHAPE, 2)
afterAll(() => crew.close())

test('the shipped base is the one that its description names', () => {
  expect(baseWeights().digest).toBe(described['digest'])
  expect(described['parameters']).toBe(363_168)
  expect(described['settings']).toEqual(PRETRAINING)
  const file = readFileSync(dataFile('base', 'base.safetensors'))
  expect(Buffer.from(encodeWeights(POCKET_LAYOUT, baseWeights().values)).equals(file)).toBe(true)
})

test('the base was made with the kernel that ships', () => {
  expect(described['kernel']).toBe(kernelDigest())
})

test('it judges and criticises combinations that it never saw', async () => {
  const weights = baseWeights()
  const skill = await measureSkill(crew, weights, DEFAULT16, 120)
  expect(skill.judge).toBeGreaterThan(0.95)
  expect(skill.critique_hits).toBeGreaterThan(0.9)
  expect(skill.critique_false).toBeLessThan(0.1)
  expect(skill.sentences_kept).toBeGreaterThan(0.7)
  const heldOut = PRINCIPLES.filter((p) => p.heldOut).map((p) => p.text)
  expect((await measureSkill(crew, weights, heldOut, 120)).judge).toBeGreaterThan(0.9)
})

test('untrained weights have no such skill', async () => {
  const weights = { key: 'untrained', values: initialWeights(POCKET_LAYOUT, 1) }
  const skill = await measureSkill(crew, weights, DEFAULT16, 60)
  expect(skill.judge).toBeLessThan(0.75)
  expect(skill.critique_hits).toBeLessThan(0.2)
})

test('the documents of a step are the same every time, whatever came before', () => {
  const again = documentsOf(PRETRAINING, 17)
  expect(documentsOf(PRETRAINING, 17)).toEqual(again)
  expect(documentsOf(PRETRAINING, 18)).not.toEqual(again)
})
