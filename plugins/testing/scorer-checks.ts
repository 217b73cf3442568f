import assert from 'node:assert/strict'
import type { Json } from '../../events/event.ts'
import { type CompareRequest, isFailure, type ScoreRequest, type Scorer, type Turn } from '../api.ts'
import { boundScorer } from '../bound/scorer.ts'
import { answersTo, assertAborts, assertExact } from './answers.ts'
import { type Check, once } from './check.ts'
import { underTest } from './under-test.ts'
import { assertGolden } from './golden.ts'

export interface ScorerSubject {
  /** Opens the scorer. Called once a suite. */
  readonly open: () => Promise<Scorer>
  /** Dialogues that it can read, one at least. */
  readonly dialogues: readonly (readonly Turn[])[]
  /** Answers that it can read, three at least. */
  readonly answers: readonly string[]
  /** File of golden outputs; see `assertGolden`. */
  readonly golden?: string
  /** How long an abort may take, in milliseconds. */
  readonly patienceMs?: number
}

/** The promises of the scorer port. */
export function scorerChecks(subject: ScorerSubject): readonly Check[] {
  const { dialogues, answers, patienceMs = 60_000 } = subject
  const openBare = once(subject.open)
  const open = async () => underTest(boundScorer, await openBare())
  const always = async (check: (scorer: Scorer) => Promise<void>) => check(await open())
  const requests = dialogues.flatMap((dialogue) =>
    answers.map((answer): ScoreRequest => ({ dialogue, answer })),
  )
  const comparisons = ({ questions, simulatesRaters }: Scorer): readonly CompareRequest[] =>
    questions.flatMap((question) =>
      dialogues.flatMap((dialogue, d) =>
        answers.map((first, i) => ({
          dialogue,
          first,
          second: answers[(i + 1) % answers.length] ?? first,
          question,
          ...(simulatesRaters ? { seed: d * 100 + i } : {}),
        })),
      ),
    )

  return [
    {
      name: 'every answer is scored exactly once, under the same names',
      run: () =>
        always(async (scorer) => {
          const scored = await answersTo((r: readonly ScoreRequest[], s) => scorer.score(r, s), requests)
          const names = scored.flatMap((one) =>
            isFailure(one) ? [] : [Object.keys(one.scores).toSorted().join()],
          )
          assert.ok(names.length > 0, 'every answer failed')
          assert.equal(
            new Set(names).size,
            1,
            `answers were scored under different names: ${names.join(' | ')}`,
          )
        }),
    },
    {
      name: 'every answer is classified exactly once, and what is marked as a refusal lies inside it',
      run: () =>
        always(async (scorer) => {
          const classified = await answersTo(
            (r: readonly ScoreRequest[], s) => scorer.classify(r, s),
            requests,
          )
          classified.forEach((one, i) => {
            if (isFailure(one) || one.start === undefined) return
            const words = (requests[i]?.answer ?? '').split(/\s+/).filter((word) => word !== '').length
            assert.ok(one.refuses, 'words are marked in an answer that does not refuse')
            assert.ok(
              one.end !== undefined && one.start < one.end && one.end <= words,
              `words ${one.start}…${one.end} of ${words} are marked`,
            )
          })
        }),
    },
    {
      name: 'every comparison is answered exactly once, for every question',
      run: () =>
        always(async (scorer) => {
          await answersTo((r: readonly CompareRequest[], s) => scorer.compare(r, s), comparisons(scorer))
        }),
    },
    {
      name: 'exact: the same request has the same answer, alone, among others, and in any order',
      run: () =>
        always(async (scorer) => {
          if (scorer.determinism !== 'exact') return
          await assertExact((r: readonly ScoreRequest[], s) => scorer.score(r, s), requests)
          await assertExact((r: readonly ScoreRequest[], s) => scorer.classify(r, s), requests)
          await assertExact((r: readonly CompareRequest[], s) => scorer.compare(r, s), comparisons(scorer))
        }),
    },
    {
      name: 'an abort stops it',
      run: async () => {
        const scorer = await openBare()
        await assertAborts((r: readonly ScoreRequest[], s) => scorer.score(r, s), requests, patienceMs)
        await assertAborts((r: readonly ScoreRequest[], s) => scorer.classify(r, s), requests, patienceMs)
      },
    },
    {
      name: 'golden outputs: what it answers has not changed under its behaviour digest',
      ...(subject.golden === undefined ? { skip: 'no golden file is named' } : {}),
      run: () =>
        always(async (scorer) => {
          if (scorer.determinism !== 'exact' || subject.golden === undefined) return
          await assertGolden(subject.golden, scorer.by.behaviour, {
            score: plain(await answersTo((r: readonly ScoreRequest[], s) => scorer.score(r, s), requests)),
            classify: plain(
              await answersTo((r: readonly ScoreRequest[], s) => scorer.classify(r, s), requests),
            ),
            compare: plain(
              await answersTo((r: readonly CompareRequest[], s) => scorer.compare(r, s), comparisons(scorer)),
            ),
          })
        }),
    },
  ]
}

/** Answers as JSON; a score that is no number has none. */
const plain = (answers: readonly object[]): Json =>
  JSON.parse(
    JSON.stringify(answers, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  ) as Json
