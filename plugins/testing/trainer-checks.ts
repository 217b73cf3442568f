import assert from 'node:assert/strict'
import type { Json } from '../../events/event.ts'
import type { CheckpointReport, Resume, SftItem, SftJob, StepReport, Trainer } from '../api.ts'
import { boundTrainer } from '../bound/trainer.ts'
import { assertStops } from './answers.ts'
import { type Check, once } from './check.ts'
import { underTest } from './under-test.ts'
import { type RlSubject, rlChecks } from './rl-checks.ts'

export interface TrainerSubject {
  /** Opens the trainer. Called once a suite. */
  readonly open: () => Promise<Trainer>
  /** Items to fine-tune on, enough for four steps at least; their ids are the caller’s. */
  readonly items: readonly SftItem[]
  /** Settings of fine-tuning under which these items make four steps at least. */
  readonly settings: Readonly<Record<string, Json>>
  /** Settings that the trainer must refuse, and the name of the field that is wrong. */
  readonly wrongSettings?: { readonly given: Readonly<Record<string, Json>>; readonly field: string }
  /** Reinforcement, where the trainer has it. */
  readonly reinforcement?: RlSubject
  /** How long an abort may take, in milliseconds. */
  readonly patienceMs?: number
}

/** The promises of the trainer port. */
export function trainerChecks(subject: TrainerSubject): readonly Check[] {
  const openBare = once(subject.open)
  const open = async () => underTest(boundTrainer, await openBare())
  const always = async (check: (trainer: Trainer) => Promise<void>) => check(await open())
  const train = async (trainer: Trainer, resume?: Resume) => {
    const settings = trainer.settings('sft', subject.settings)
    return fineTune(trainer, { items: subject.items, settings, ...(resume === undefined ? {} : { resume }) })
  }

  return [
    {
      name: 'settings are filled in once: what it filled in stays as it is',
      run: () =>
        always(async (trainer) => {
          const filled = trainer.settings('sft', subject.settings)
          assert.deepEqual(trainer.settings('sft', filled), filled)
          assert.ok(
            Object.keys(subject.settings).every((key) => key in filled),
            'a given setting is gone',
          )
        }),
    },
    {
      name: 'settings that it does not know are refused by the name of the field',
      ...(subject.wrongSettings === undefined ? { skip: 'no wrong settings are given' } : {}),
      run: () =>
        always(async (trainer) => {
          const { given, field } = subject.wrongSettings ?? { given: {}, field: '' }
          assert.throws(
            () => trainer.settings('sft', given),
            (error) => error instanceof Error && error.message.includes(field),
          )
        }),
    },
    {
      name: 'it trains on the items in the order in which they were sent, and says so step by step',
      run: () =>
        always(async (trainer) => {
          const { steps } = await train(trainer)
          assert.ok(steps.length >= 4, `the items made ${steps.length} steps, four are needed`)
          const trained = steps.flatMap(({ items }) => items)
          const sent = trained.map((_, i) => subject.items[i % subject.items.length]?.id)
          assert.deepEqual(trained, sent)
        }),
    },
    {
      name: 'a checkpoint follows the steps that were asked for, and the last one',
      run: () =>
        always(async (trainer) => {
          const { steps, checkpoints } = await train(trainer)
          const wanted = steps
            .map(({ step }) => step)
            .filter((step) => step % every === 0 || step === steps.length)
          assert.deepEqual(
            checkpoints.map(({ step }) => step),
            wanted,
          )
        }),
    },
    {
      name: 'training changes the weights, and the digests say so',
      run: () =>
        always(async (trainer) => {
          const { checkpoints } = await train(trainer)
          const digests = [await trainer.weightsOf(undefined), ...checkpoints.map(({ weights }) => weights)]
          assert.equal(new Set(digests).size, digests.length, 'two states have the same digest')
          const last = checkpoints.at(-1)
          assert.ok(last)
          assert.equal(await trainer.weightsOf({ bytes: last.bytes }), last.weights)
        }),
    },
    {
      name: 'exact: the same items train the same weights',
      run: () =>
        always(async (trainer) => {
          if (trainer.determinism !== 'exact') return
          assert.deepEqual(await train(trainer), await train(trainer))
        }),
    },
    {
      name: 'exact: resumed from any checkpoint, it goes on as if it had never stopped',
      run: () =>
        always(async (trainer) => {
          if (trainer.determinism !== 'exact') return
          const whole = await train(trainer)
          for (const { step, bytes } of whole.checkpoints.slice(0, -1)) {
            const resumed = await train(trainer, { step, bytes })
            assert.deepEqual(resumed.steps, whole.steps.slice(step), `steps after ${step} differ`)
            assert.deepEqual(resumed.checkpoints.at(-1), whole.checkpoints.at(-1), 'the last weights differ')
          }
        }),
    },
    {
      name: 'an abort stops it',
      run: async () => {
        const trainer = await openBare()
        const settings = trainer.settings('sft', subject.settings)
        const job = jobOf({ items: subject.items, settings })
        await assertStops((signal) => trainer.sft(job, signal), subject.patienceMs ?? 60_000)
      },
    },
    ...(subject.reinforcement === undefined ? [] : rlChecks(open, subject.reinforcement)),
  ]
}

const every = 2

interface Training {
  readonly items: readonly SftItem[]
  readonly settings: Readonly<Record<string, Json>>
  readonly resume?: Resume
}

const jobOf = ({ items, ...rest }: Training): SftJob => ({
  start: undefined,
  count: items.length,
  items: async (start, count) => {
    assert.ok(
      start >= 0 && start + count <= items.length,
      `items ${start}…${start + count} were asked for, there are ${items.length}`,
    )
    return items.slice(start, start + count)
  },
  checkpointEvery: every,
  ...rest,
})

/** Trains to the end, and sorts the reports. */
export async function fineTune(
  trainer: Trainer,
  training: Training,
): Promise<{ readonly steps: readonly StepReport[]; readonly checkpoints: readonly CheckpointReport[] }> {
  const steps: StepReport[] = []
  const checkpoints: CheckpointReport[] = []
  for await (const report of trainer.sft(jobOf(training), new AbortController().signal)) {
    if (report.kind === 'step') steps.push(report)
    else checkpoints.push(report)
  }
  return { steps, checkpoints }
}
