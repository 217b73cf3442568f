/**
 * How fast the pocket model trains, reads and writes: `node bench/pocket.ts [threads]`. Figures are of this machine;
 * the last ones that were taken stand at the end of this file.
 */
import { POCKET_LAYOUT, POCKET_SHAPE } from '../plugins/models/pocket/lm/pocket-shape.ts'
import type { ReadItem } from '../plugins/models/pocket/lm/reader.ts'
import { initialWeights } from '../plugins/models/pocket/lm/weights.ts'
import { documentsOf, itemOf, PRETRAINING, settingsAt } from '../plugins/models/pocket/pretrain/schedule.ts'
import { Training } from '../plugins/models/pocket/training/training.ts'
import { Crew } from '../plugins/models/pocket/workers/crew.ts'

const threads = Number(process.argv[2] ?? 2)
const crew = new Crew(POCKET_SHAPE, threads)
const training = new Training(crew, POCKET_LAYOUT, initialWeights(POCKET_LAYOUT, 1))

/** Runs `work` until some seconds have passed, after a first time that counts for nothing, and prints its rate. */
async function measure(name: string, work: () => Promise<number>): Promise<void> {
  await work()
  const start = performance.now()
  let done = 0
  while (performance.now() - start < 4000) done += await work()
  const rate = Math.round((done / (performance.now() - start)) * 1000)
  process.stdout.write(`${name.padEnd(52)} ${rate.toLocaleString('en')} a second\n`)
}

const documents = documentsOf(PRETRAINING, 0)
const positions = documents.reduce((sum, tokens) => sum + tokens.length, 0)

let step = 0
await measure('tokens trained on (64 documents a step, Muon)', async () => {
  const batch = documentsOf(PRETRAINING, step)
  await training.step(
    batch.map((tokens) => itemOf(PRETRAINING, tokens)),
    4000,
    settingsAt(PRETRAINING, step++, 0),
  )
  return batch.reduce((sum, tokens) => sum + tokens.length, 0)
})

const { weights } = training
const items = documents.map((tokens): ReadItem => ({ tokens, candidates: [1] }))
await measure('tokens read (choices)', async () => {
  for await (const _ of crew.stream((control) => ({ kind: 'read', weights, items, control }))) continue
  return positions
})
const features = documents.map((tokens): ReadItem => ({ tokens, featuresFrom: 1, logProbsFrom: 1 }))
await measure('tokens read (features and log-probabilities)', async () => {
  for await (const _ of crew.stream((control) => ({ kind: 'read', weights, items: features, control })))
    continue
  return positions
})

const groups = documents.slice(0, 32).map((tokens, i) => ({
  prompt: tokens.slice(0, 12),
  seeds: Array.from({ length: 8 }, (_, j) => 8 * i + j),
  temperature: 1,
  maxTokens: 40,
  stops: [],
}))
await measure('tokens sampled (32 prompts, 8 answers each)', async () => {
  for await (const _ of crew.stream((control) => ({ kind: 'sample', weights, groups, control, width: 64 })))
    continue
  return groups.length * 8 * 40
})
await crew.close()

/*
 * Last figures, AMD EPYC (Milan) at 2.45 GHz, two cores. Trained on: 19,800 tokens a second with two threads and
 * 9,400 with one, the machine at rest. A second of one core's time, on a machine shared with other work: 9,500 to
 * 10,700 tokens trained on, 27,000 to 31,000 read, 16,300 sampled. Products reach 30 to 38 GFLOP/s a core.
 */
