/**
 * Makes the base model from nothing: `npm run pretrain`. The result depends on the settings in schedule.ts,
 * the world and the kernel alone, not on threads, interruptions or the machine. Options:
 * --tokens N (fewer, for a trial), --threads N, --out FOLDER, --state FILE (goes on from there if it exists).
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFile } from '../data-file.ts'
import { kernelDigest } from '../kernel/kernel.ts'
import { POCKET_LAYOUT, POCKET_SHAPE } from '../lm/pocket-shape.ts'
import { initialWeights, weightsDigest } from '../lm/weights.ts'
import { decodeCheckpoint, encodeCheckpoint, encodeWeights } from '../training/checkpoint.ts'
import { Training } from '../training/training.ts'
import { Crew } from '../workers/crew.ts'
import { DEFAULT16, OTHER8, PRINCIPLES } from '../world/principles.ts'
import { documentsOf, itemOf, PRETRAINING, settingsAt } from './schedule.ts'
import { measureSkill } from './skill.ts'

const SAVE_EVERY_MS = 60_000
const MEASURE_EVERY_TOKENS = 500_000

const { values: options } = parseArgs({
  options: {
    tokens: { type: 'string', default: String(PRETRAINING.tokens) },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: join(dataFile('kernel', 'kernel.wasm'), '..', '..', 'base') },
    state: { type: 'string', default: '.hansard-pretraining' },
  },
})

const settings = { ...PRETRAINING, tokens: Number(options.tokens) }
const log = join(options.out, 'pretrain.log')
mkdirSync(options.out, { recursive: true })

const crew = new Crew(POCKET_SHAPE, Number(options.threads))
const saved = existsSync(options.state)
  ? decodeCheckpoint(POCKET_LAYOUT, readFileSync(options.state))
  : undefined
const training = new Training(
  crew,
  POCKET_LAYOUT,
  saved?.state ?? initialWeights(POCKET_LAYOUT, settings.seed),
)
let step = training.state.step
let tokens = Number(saved?.notes['tokens'] ?? 0)
let lossSum = Number(saved?.notes['lossSum'] ?? 0)
let lossSteps = Number(saved?.notes['lossSteps'] ?? 0)
if (!saved) writeFileSync(log, '')

const started = { at: performance.now(), tokens }
let savedAt = performance.now()

while (tokens < settings.tokens) {
  const items = documentsOf(settings, step).map((document) => itemOf(settings, document))
  const total = items.reduce((sum, { weights }) => sum + weights.subarray(1).reduce((a, b) => a + b, 0), 0)
  const { loss } = await training.step(items, total, settingsAt(settings, step, tokens))
  const before = tokens
  step++
  tokens += items.reduce((sum, item) => sum + item.tokens.length, 0)
  lossSum += loss
  lossSteps++
  if (Math.floor(tokens / MEASURE_EVERY_TOKENS) > Math.floor(before / MEASURE_EVERY_TOKENS)) await report()
  if (performance.now() - savedAt > SAVE_EVERY_MS) save()
}

if (lossSteps > 0) await report()
await finish()
await crew.close()

/** One line of the log: nothing in it depends on time or machine. */
async function report(): Promise<void> {
  const line = {
    step,
    tokens,
    loss_nats: Math.round((lossSum / Math.max(1, lossSteps)) * 1e4) / 1e4,
    ...(await measureSkill(crew, training.weights, DEFAULT16, 300)),
  }
  lossSum = 0
  lossSteps = 0
  appendFileSync(log, `${JSON.stringify(line)}\n`)
  const seconds = (performance.now() - started.at) / 1000
  process.stdout.write(
    `${Math.round(seconds)} s, ${Math.round((tokens - started.tokens) / seconds)} tokens/s: ${JSON.stringify(line)}\n`,
  )
  save()
}

function save(): void {
  const notes = { tokens: String(tokens), lossSum: String(lossSum), lossSteps: String(lossSteps) }
  writeFileSync(`${options.state}.new`, encodeCheckpoint(POCKET_LAYOUT, training.state, notes))
  renameSync(`${options.state}.new`, options.state)
  savedAt = performance.now()
}

async function finish(): Promise<void> {
  const { weights } = training.state
  const sentences = (heldOut: boolean): string[] =>
    PRINCIPLES.filter((p) => p.heldOut === heldOut).map((p) => p.text)
  const base = {
    digest: weightsDigest(POCKET_LAYOUT, weights),
    kernel: kernelDigest(),
    parameters: POCKET_LAYOUT.size,
    shape: POCKET_SHAPE,
    settings,
    tokens,
    steps: step,
    skill: {
      note: 'on combinations of act and person that training never saw',
      default_16: await measureSkill(crew, training.weights, DEFAULT16, 1600),
      other_8: await measureSkill(crew, training.weights, OTHER8, 800),
      trained_189: await measureSkill(crew, training.weights, sentences(false), 1600),
      held_out_60: await measureSkill(crew, training.weights, sentences(true), 1600),
    },
  }
  writeFileSync(join(options.out, 'base.safetensors'), encodeWeights(POCKET_LAYOUT, weights))
  writeFileSync(join(options.out, 'base.json'), `${JSON.stringify(base, null, 2)}\n`)
  rmSync(options.state, { force: true })
  process.stdout.write(`${JSON.stringify(base, null, 2)}\n`)
}
