import { canonicalDigest, sha256Hex } from '../../../events/canonical.ts'
import type {
  CheckpointReport,
  DrawnRollout,
  RlHost,
  RlJob,
  RolloutRequest,
  SftJob,
  StepReport,
  Trainer,
  Weights,
} from '../../../plugins/api.ts'

/** The weights: how often each word was seen, and how much each was rewarded. */
type Counts = Record<string, number>

const bytesOf = (counts: Counts): Uint8Array => Buffer.from(JSON.stringify(counts))
const countsOf = (weights: Weights | undefined): Counts =>
  weights === undefined ? {} : (JSON.parse(Buffer.from(weights.bytes).toString()) as Counts)
const digestOf = (counts: Counts) => sha256Hex(bytesOf(counts))
const wordsOf = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

/** A trainer so small that its arithmetic can be seen through: it counts words, and weights words by advantages. */
export class CountingTrainer implements Trainer {
  readonly by = { plugin: 'counting', behaviour: canonicalDigest({ behaviour: 1 }) }
  readonly determinism = 'exact'

  settings(_method: 'sft' | 'rl', given: Readonly<Record<string, unknown>>) {
    const { batch = 2, ...others } = given
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) throw new Error(`${unknown} is no setting of this trainer`)
    return { batch: batch as number }
  }

  async weightsOf(start: Weights | undefined) {
    return digestOf(countsOf(start))
  }

  async *sft(job: SftJob, signal: AbortSignal): AsyncGenerator<StepReport | CheckpointReport> {
    const batch = job.settings['batch'] as number
    const counts = countsOf(job.resume ?? job.start)
    const last = Math.ceil(job.count / batch)
    for (let step = (job.resume?.step ?? 0) + 1; step <= last; step++) {
      signal.throwIfAborted()
      const start = (step - 1) * batch
      const items = await job.items(start, Math.min(batch, job.count - start))
      const words = items.flatMap(({ answer }) => wordsOf(answer))
      for (const word of words) counts[word] = (counts[word] ?? 0) + 1
      yield this.step(
        step,
        items.map(({ id }) => id),
        words.length,
        counts,
      )
      if (step % job.checkpointEvery === 0 || step === last) yield this.checkpoint(step, counts)
    }
  }

  async *rl(job: RlJob, host: RlHost, signal: AbortSignal): AsyncGenerator<StepReport | CheckpointReport> {
    const counts = countsOf(job.resume ?? job.start)
    for (let step = (job.resume?.step ?? 0) + 1; step <= job.steps; step++) {
      signal.throwIfAborted()
      const requests = await host.prompts(step)
      const rollouts = requests.map((request) => this.rollout(request, job.maxTokens))
      const rewards = await host.score(step, rollouts)
      const advantages = requests.map(({ group }, i) => {
        const others = rewards.filter((_, k) => requests[k]?.group === group)
        return (rewards[i] ?? 0) - others.reduce((sum, reward) => sum + reward, 0) / others.length
      })
      rollouts.forEach(({ text }, i) => {
        for (const word of wordsOf(text)) counts[word] = (counts[word] ?? 0) + (advantages[i] ?? 0)
      })
      const report = this.step(
        step,
        requests.map(({ id }) => id),
        1,
        counts,
      )
      yield { ...report, rl: { klNats: 0, klsNats: requests.map(() => 0), advantages } }
      if (step % job.checkpointEvery === 0 || step === job.steps) yield this.checkpoint(step, counts)
    }
  }

  protected rollout({ id, dialogue, seed, recorded }: RolloutRequest, maxTokens: number): DrawnRollout {
    const words = wordsOf(dialogue.at(-1)?.content ?? '')
    const length = 1 + (seed % maxTokens)
    const drawn = Array.from({ length }, (_, i) => words[(seed + i) % words.length] ?? '')
    return {
      id,
      text: recorded?.text ?? drawn.join(' '),
      finish: 'stop',
      tokenIds: recorded?.tokenIds ?? Uint32Array.from(drawn, (word) => word.length),
      logprobs: recorded?.logprobs ?? new Float32Array(length).fill(-1),
      features: Float32Array.of(length),
    }
  }

  protected step(step: number, items: readonly string[], tokens: number, counts: Counts): StepReport {
    const weights = digestOf(counts)
    return {
      kind: 'step',
      step,
      items,
      lossNats: 1 / step,
      learningRate: 1,
      gradientNorm: 1,
      tokens,
      weights,
    }
  }

  protected checkpoint(step: number, counts: Counts): CheckpointReport {
    return { kind: 'checkpoint', step, bytes: bytesOf(counts), weights: digestOf(counts) }
  }
}
