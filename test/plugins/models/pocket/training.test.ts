import { afterAll, expect, test } from 'vitest'
import { layoutOf } from '../../../../plugins/models/pocket/lm/shape.ts'
import { initialWeights, weightsDigest } from '../../../../plugins/models/pocket/lm/weights.ts'
import { integerBelow, randomFrom } from '../../../../plugins/models/pocket/random.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../../../../plugins/models/pocket/training/checkpoint.ts'
import type { TrainingItem } from '../../../../plugins/models/pocket/training/shard.ts'
import { Training, type StepSettings } from '../../../../plugins/models/pocket/training/training.ts'
import { Crew } from '../../../../plugins/models/pocket/workers/crew.ts'

const shape = { vocabulary: 48, width: 32, layers: 2, heads: 2, context: 40 }
const layout = layoutOf(shape)
const start = initialWeights(layout, 1)
const crews = [1, 2, 3].map((threads) => new Crew(shape, threads))
afterAll(() => Promise.all(crews.map((crew) => crew.close())))

const settings: StepSettings = {
  rate: 1e-3,
  muonRate: 5e-3,
  beta1: 0.9,
  beta2: 0.98,
  decay: 0.01,
  clipNorm: 1,
}

/** Texts in which each token follows from the one before, so that there is something to learn. */
function batch(seed: number, size = 21): TrainingItem[] {
  const random = randomFrom(seed)
  return Array.from({ length: size }, () => {
    const tokens = new Int32Array(5 + integerBelow(random, 30))
    tokens[0] = 1 + integerBelow(random, 46)
    for (let t = 1; t < tokens.length; t++) tokens[t] = 1 + (((tokens[t - 1] as number) * 7) % 46)
    return { tokens, weights: new Float32Array(tokens.length).fill(1) }
  })
}

async function train(training: Training, steps: number, from = 0): Promise<number[]> {
  const losses: number[] = []
  for (let s = from; s < from + steps; s++) losses.push((await training.step(batch(s), 400, settings)).loss)
  return losses
}

test('one, two and three threads give the same bits', async () => {
  const digests = await Promise.all(
    crews.map(async (crew) => {
      const training = new Training(crew, layout, start)
      const losses = await train(training, 4)
      return [weightsDigest(layout, training.state.weights), ...losses]
    }),
  )
  expect(digests[1]).toEqual(digests[0])
  expect(digests[2]).toEqual(digests[0])
})

test('training that goes on from a checkpoint ends with the same bits', async () => {
  const crew = crews[1] as Crew
  const whole = new Training(crew, layout, start)
  await train(whole, 6)
  const half = new Training(crew, layout, start)
  await train(half, 3)
  const bytes = encodeCheckpoint(layout, half.state, { note: 'half' })
  const { state, notes } = decodeCheckpoint(layout, Buffer.from(bytes))
  expect(notes['note']).toBe('half')
  const resumed = new Training(crew, layout, state)
  await train(resumed, 3, 3)
  expect(encodeCheckpoint(layout, resumed.state)).toEqual(encodeCheckpoint(layout, whole.state))
})

test('the loss falls, and the order of the items counts', async () => {
  const crew = crews[0] as Crew
  const training = new Training(crew, layout, start)
  const losses = await train(training, 30)
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.3)

  const [one, other] = [new Training(crew, layout, start), new Training(crew, layout, start)]
  await one.step(batch(1), 400, settings)
  await other.step(batch(1).reverse(), 400, settings)
  expect(weightsDigest(layout, one.state.weights)).not.toBe(weightsDigest(layout, other.state.weights))
})

test('a failing job names its reason and leaves the crew usable', async () => {
  const crew = crews[0] as Crew
  const training = new Training(crew, layout, start)
  const tooLong = { tokens: new Int32Array(200).fill(1), weights: new Float32Array(200).fill(1) }
  await expect(training.step([tooLong], 1, settings)).rejects.toThrow('longer than the context')
  await expect(training.step(batch(1), 400, settings)).resolves.toMatchObject({ step: 1 })
})
