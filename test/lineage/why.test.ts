import { beforeAll, describe, expect, it } from 'vitest'
import type { EventId, Recorded } from '../../events/event.ts'
import { refusalClassified } from '../../events/vocabulary/evaluation.ts'
import { Graph } from '../../lineage/graph.ts'
import { project, type AsOf } from '../../lineage/projector.ts'
import type { RecordAccess } from '../../lineage/record.ts'
import { why } from '../../lineage/why.ts'
import { ok } from './fixture-recorder.ts'
import { type FixtureRun, fixtureRun } from './fixture-run.ts'
import { by } from './fixture-supervised.ts'
import { refusal } from './fixture-words.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const other = fixtureRun({ seed: 2 })
const trained = fixtureRun({ pairs: 120, comparisons: 60, steps: 6, groups: 3 })
let access: RecordAccess
let asOf: AsOf

/** Classes all rollouts by their text, but for the groups in which all are said to refuse, and seals the run with it. */
const classify = ({ recorder, started }: FixtureRun, allRefuse: (rollout: Recorded) => boolean): void => {
  expect(recorder.entries.pop()?.recorded.event.type).toBe('run.sealed')
  const texts = new Map(recorder.texts.map(({ ref, text }) => [ref.digest, text]))
  for (const { recorded } of recorder.entries.slice()) {
    if (recorded.event.type !== 'rollout.drawn') continue
    const text = texts.get((recorded.event.out['text'] as unknown as { digest: string }).digest)!
    const refuses = text === refusal || allRefuse(recorded)
    const { subject, round, i } = recorded.event.draw
    recorder.record(refusalClassified, {
      by,
      params: { scorer: 'rules' },
      parents: [
        { role: 'answer', id: recorded.id },
        { role: 'prompt', id: recorded.event.parents.find(({ role }) => role === 'prompt')!.id },
      ],
      draw: { subject, round, i },
      out: ok({ refuses, flat: refuses, engaged: !refuses, ...(refuses ? { start: 0, end: 6 } : {}) }),
    })
  }
  recorder.close('classify', started)
  recorder.seal(started)
}

const rollouts = (): readonly Recorded[] =>
  trained.recorder.entries
    .map(({ recorded }) => recorded)
    .filter(({ event }) => event.type === 'rollout.drawn')
const inLastStep = ({ event }: Recorded): boolean => event.draw.round === 6
const lastSubject = (): string => rollouts().at(-1)!.event.draw.subject

beforeAll(async () => {
  classify(trained, (rollout) => inLastStep(rollout) && rollout.event.draw.subject === lastSubject())
  await other.recorder.appendTo(held.home)
  await trained.recorder.appendTo(held.home)
  asOf = await project(held.home)
  access = { memo: held.home.memo, blobs: held.home.blobs, graph: new Graph(held.home.pool) }
})

const textOf = (id: EventId): string => {
  const { recorded } = trained.recorder.entries.find((entry) => entry.recorded.id === id)!
  const digest = (recorded.event.out['text'] as unknown as { digest: string }).digest
  return trained.recorder.texts.find(({ ref }) => ref.digest === digest)!.text
}

/** A refusal in whose group somebody did not refuse. */
const refusalInMixedGroup = (): Recorded => rollouts().find(({ id }) => textOf(id) === refusal)!

describe('why a model refused', () => {
  it('sets the refusal against the best answer of its group that does not refuse', async () => {
    const refused = refusalInMixedGroup()
    const answer = await why(access, refused.id, { asOf })
    expect(answer.refuses).toBe(true)
    expect(answer.answer.text).toBe(refusal)
    const contrast = answer.contrast!
    expect(contrast.otherFrom).toBe('its group')
    expect(contrast.other.text).not.toBe(refusal)
    expect(contrast.other.prompt.subject).toBe(refused.event.draw.subject)
    expect(contrast.gap).toBeCloseTo(contrast.rewards.answer - contrast.rewards.other, 12)
    const sum = contrast.principles.reduce((total, { addsUp }) => total + addsUp, 0) + contrast.human.addsUp
    expect(Math.abs(sum - contrast.gap)).toBeLessThan(1e-9)
    expect(contrast.group.answers).toBe(4)
    expect(contrast.group.refused).toBeGreaterThan(0)
    expect(contrast.humanLabelsOnRedTeam).toBeGreaterThanOrEqual(0)
    expect(answer.limits.some((limit) => limit.includes('paid against it'))).toBe(contrast.gap < 0)
  })

  it('shows only labels that speak for the refusal as those that taught it', async () => {
    const { contrast } = await why(access, refusalInMixedGroup().id, { asOf })
    expect(contrast!.taughtBy.length).toBeGreaterThan(0)
    for (const { contribution } of contrast!.taughtBy) expect(contribution).toBeGreaterThan(0)
  })

  it('takes an answer of the supervised policy where the whole group refuses, and says so', async () => {
    const answer = await why(access, rollouts().at(-1)!.id, { asOf })
    expect(answer.contrast?.group).toEqual({ answers: 4, refused: 4 })
    expect(answer.contrast?.otherFrom).toBe('SL-CAI')
    expect(answer.contrast?.other.prompt.subject).toBe(lastSubject())
    expect(answer.contrast!.residual).toBeLessThan(1e-9)
  })

  it('counts refusals of this very prompt by stage, in the order of training, in this run alone', async () => {
    const { sinceWhen } = await why(access, rollouts().at(-1)!.id, { asOf })
    const stages = sinceWhen.map(({ stage }) => stage)
    expect(stages).toEqual(['base', 'SL-CAI', 'RL-CAI 1–6', 'RL-CAI 4'])
    const rl = sinceWhen.find(({ from }) => from === 'rollouts')!
    const mine = rollouts().filter(({ event }) => event.draw.subject === lastSubject())
    expect(rl.answers).toBe(mine.length)
    expect(rl.refused).toBe(mine.filter((one) => inLastStep(one) || textOf(one.id) === refusal).length)
  })

  it('can be asked by the reward, and refits on demand', async () => {
    const refused = refusalInMixedGroup()
    const [reward] = await access.graph.children(refused.id, { type: 'reward.scored' })
    const { answer, contrast } = await why(access, reward!.id, { asOf, retrain: ['honesty'] })
    expect(answer.id).toBe(refused.id)
    expect(contrast!.retrained).toHaveLength(1)
    expect(contrast!.retrained[0]!.newton).toBe(
      contrast!.principles.find(({ key }) => key === 'honesty')!.withoutItsLabels,
    )
  })

  it('says that there is nothing to contrast where the answer does not refuse, and refuses what is no answer', async () => {
    const plain = rollouts().find(
      (one) => textOf(one.id) !== refusal && one.event.draw.subject !== lastSubject(),
    )!
    const answer = await why(access, plain.id, { asOf })
    expect(answer.contrast).toBeUndefined()
    expect(answer.noContrast).toContain('does not refuse')
    await expect(why(access, trained.started, { asOf })).rejects.toThrow('is a run.started, not an answer')
  })
})
