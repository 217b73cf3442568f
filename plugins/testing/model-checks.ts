import assert from 'node:assert/strict'
import type { Json } from '../../events/event.ts'
import {
  type Choice,
  type EmbedRequest,
  type Failure,
  type GenerateRequest,
  isFailure,
  type Model,
  type Principle,
  type Turn,
} from '../api.ts'
import { boundModel } from '../bound/model.ts'
import { answersTo, assertAborts, assertExact } from './answers.ts'
import { type Check, once } from './check.ts'
import { underTest } from './under-test.ts'
import { assertGolden } from './golden.ts'
import { choicesOf, embedsOf, generationsOf } from './model-requests.ts'

export interface ModelSubject {
  /** Opens the model. Called once a suite. */
  readonly open: () => Promise<Model>
  /** Dialogues that the model can read, two at least; the last turn is the user’s. */
  readonly dialogues: readonly (readonly Turn[])[]
  /** Answers that the model can read, two at least. */
  readonly answers: readonly string[]
  /** Principles that it can read, one at least. */
  readonly principles: readonly Principle[]
  /** Tokens generated a request. */
  readonly maxTokens?: number
  /** File of golden outputs; see `assertGolden`. Needed for an exact model. */
  readonly golden?: string
  /** Whether a behaviour digest without golden outputs is passed over: where it names the machine, for example. */
  readonly goldenMayBeMissing?: boolean
  /** How long an abort may take, in milliseconds. */
  readonly patienceMs?: number
}

/** The promises of the model port. */
export function modelChecks(subject: ModelSubject): readonly Check[] {
  const { dialogues, answers, principles, maxTokens = 16, patienceMs = 60_000 } = subject
  const openBare = once(subject.open)
  const open = async () => underTest(boundModel, await openBare())
  const generations = (model: Model) =>
    generationsOf({ dialogues, answers, principles, maxTokens, reasons: model.reasons })
  const choices = choicesOf({ dialogues, answers, principles })
  const embeds = embedsOf({ dialogues, answers })
  const always = async (check: (model: Model) => Promise<void>) => check(await open())

  return [
    {
      name: 'it is described as the port says, and accepts the principles that it reads',
      run: () =>
        always(async (model) => {
          model.checkPrinciples(principles)
          assert.ok(
            model.templates.every(({ text }) => text.length > 0),
            'a template is empty',
          )
        }),
    },
    {
      name: 'a principle without a text that it reads is refused by name',
      run: () =>
        always(async (model) => {
          if (model.principleFields.length === 0) return
          assert.throws(() => model.checkPrinciples([{ key: 'mute-principle' }]), /mute-principle/)
        }),
    },
    {
      name: 'every act is answered exactly once, and generates no more tokens than asked for',
      run: () =>
        always(async (model) => {
          const requests = generations(model)
          const written = await answersTo(
            (r: readonly GenerateRequest[], s) => model.base.generate(r, s),
            requests,
          )
          for (const answer of written) {
            if (isFailure(answer)) continue
            assert.ok(
              answer.tokens <= maxTokens,
              `${answer.tokens} tokens were generated, ${maxTokens} asked for`,
            )
            if (answer.finish === 'length')
              assert.equal(answer.tokens, maxTokens, 'it stopped for length too early')
          }
          assert.ok(
            written.some((answer) => !isFailure(answer)),
            'every act failed',
          )
        }),
    },
    {
      name: 'every choice is answered exactly once, by log-probabilities of at most one in sum',
      run: () =>
        always(async (model) => {
          const given = await answersTo((r: readonly Choice[], s) => model.base.choose(r, s), choices)
          for (const answer of given) {
            if (isFailure(answer)) continue
            const mass = Math.exp(answer.first) + Math.exp(answer.second)
            assert.ok(mass <= 1 + 1e-3, `both choices together have the probability ${mass}`)
          }
        }),
    },
    {
      name: 'every answer has features of the dimensions it declares, and other answers have others',
      run: () =>
        always(async (model) => {
          const given = await answersTo((r: readonly EmbedRequest[], s) => model.base.embed(r, s), embeds)
          const seen = given.flatMap((answer) => (isFailure(answer) ? [] : [answer.features.join()]))
          assert.ok(new Set(seen).size > 1, 'all answers have the same features')
        }),
    },
    {
      name: 'another seed gives another text: the seed is not ignored',
      run: () =>
        always(async (model) => {
          const [dialogue] = dialogues
          const requests = Array.from({ length: 12 }, (_, seed) => ({
            act: { act: 'respond' as const, dialogue: dialogue ?? [] },
            seed: seed * 7919,
            temperature: 1,
            maxTokens,
          }))
          const given = await answersTo(
            (r: readonly GenerateRequest[], s) => model.base.generate(r, s),
            requests,
          )
          const texts = given.map((answer) => JSON.stringify(answer))
          assert.ok(new Set(texts).size > 1, 'twelve seeds gave one text')
        }),
    },
    {
      name: 'exact: the same request has the same answer, alone, among others, and in any order',
      run: () =>
        always(async (model) => {
          if (model.determinism !== 'exact') return
          await assertExact(
            (r: readonly GenerateRequest[], s) => model.base.generate(r, s),
            generations(model),
          )
          await assertExact((r: readonly Choice[], s) => model.base.choose(r, s), choices)
          await assertExact((r: readonly EmbedRequest[], s) => model.base.embed(r, s), embeds)
        }),
    },
    {
      name: 'batch-dependent: the same batch has the same answers',
      run: () =>
        always(async (model) => {
          if (model.determinism !== 'batch-dependent') return
          const put = (r: readonly GenerateRequest[], s: AbortSignal) => model.base.generate(r, s)
          const requests = generations(model)
          assert.deepEqual(await answersTo(put, requests), await answersTo(put, requests))
        }),
    },
    {
      name: 'an abort stops it',
      run: async () => {
        const { base } = await openBare()
        const requests = generations(await open())
        await assertAborts((r: readonly GenerateRequest[], s) => base.generate(r, s), requests, patienceMs)
        await assertAborts((r: readonly Choice[], s) => base.choose(r, s), choices, patienceMs)
        await assertAborts((r: readonly EmbedRequest[], s) => base.embed(r, s), embeds, patienceMs)
      },
    },
    {
      name: 'a dialogue that is too long is an outcome of its own, and the others are answered',
      run: () =>
        always(async (model) => {
          const [dialogue] = dialogues
          const words = dialogue?.at(-1)?.content ?? ''
          const long = [
            { role: 'user' as const, content: Array(20_000).fill(words).join(' ').slice(0, 900_000) },
          ]
          const respond = (given: readonly Turn[]) => ({
            act: { act: 'respond' as const, dialogue: given },
            seed: 1,
            temperature: 1,
            maxTokens,
          })
          const put = (r: readonly GenerateRequest[], s: AbortSignal) => model.base.generate(r, s)
          const [first, second] = await answersTo(put, [respond(long), respond(dialogue ?? [])])
          assert.equal((first as Failure).failed, 'prompt_too_long')
          assert.notEqual((second as Partial<Failure>).failed, 'prompt_too_long')
        }),
    },
    {
      name: 'golden outputs: what it answers has not changed under its behaviour digest',
      ...(subject.golden === undefined ? { skip: 'no golden file is named' } : {}),
      run: () =>
        always(async (model) => {
          if (model.determinism !== 'exact' || subject.golden === undefined) return
          const outputs: Record<string, Json> = {
            generate: plain(
              await answersTo(
                (r: readonly GenerateRequest[], s) => model.base.generate(r, s),
                generations(model),
              ),
            ),
            choose: plain(await answersTo((r: readonly Choice[], s) => model.base.choose(r, s), choices)),
            embed: plain(await answersTo((r: readonly EmbedRequest[], s) => model.base.embed(r, s), embeds)),
          }
          await assertGolden(subject.golden, model.by.behaviour, outputs, subject.goldenMayBeMissing)
        }),
    },
    {
      name: 'it closes',
      run: () => always((model) => model.close()),
    },
  ]
}

/** Answers as JSON: features as the list of their bytes. */
const plain = (answers: readonly object[]): Json =>
  answers.map((answer) =>
    Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [
        name,
        value instanceof Float32Array
          ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
          : (value as Json),
      ]),
    ),
  )
