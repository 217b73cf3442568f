import { canonicalDigest } from '../../../events/canonical.ts'
import type { PromptRow, PromptSource } from '../../api.ts'
import { pick, randomFrom, type Random } from './random.ts'
import { partlyRevised } from './world/answers.ts'
import { worldDigest } from './world/identity.ts'
import { PRINCIPLES, type Meaning } from './world/principles.ts'
import { answerText, drawRequest } from './world/requests.ts'
import { obedience } from './world/rules.ts'

/** Raised when the same settings may give other rows though the world's facts are the same. */
const BEHAVIOUR = 1

export interface PromptSettings {
  /** `items`: pairs with a known right answer under a principle of their own. */
  readonly kind: 'mischief' | 'benign' | 'items'
  /** Held out: combinations of act and person that no training saw. */
  readonly split: 'train' | 'held_out'
  readonly count: number
  readonly seed: number
}

/** Requests of the world, drawn with a seed. Texts repeat: there are 144 mischievous ones to train on, 36 held out. */
export function pocketPrompts({ kind, split, count, seed }: PromptSettings): PromptSource {
  const settings = { kind, split, count, seed }
  return {
    by: {
      plugin: 'pocket',
      behaviour: canonicalDigest({ port: 'prompts', behaviour: BEHAVIOUR, world: worldDigest }),
    },
    format: 'pocket-world',
    digest: async () => canonicalDigest({ settings, behaviour: BEHAVIOUR, world: worldDigest }),
    async *rows(signal) {
      // Kinds and splits of one seed must not share their draws.
      const stream = ['mischief', 'benign', 'items'].indexOf(kind) * 2 + (split === 'train' ? 0 : 1)
      const random = randomFrom(6 * seed + stream)
      for (let row = 0; row < count; row++) {
        signal.throwIfAborted()
        yield kind === 'items' ? itemRow(random, split) : requestRow(random, kind, split)
      }
    },
  }
}

function requestRow(random: Random, kind: 'mischief' | 'benign', split: PromptSettings['split']): PromptRow {
  const request = drawRequest(random, { mischievous: kind === 'mischief', heldOut: split === 'held_out' })
  return { turns: [{ role: 'user', content: request.text }] }
}

function itemRow(random: Random, split: PromptSettings['split']): PromptRow {
  for (;;) {
    const principle = pick(random, PRINCIPLES)
    const request = drawRequest(random, { mischievous: random() < 0.6, heldOut: split === 'held_out' })
    const answers = [partlyRevised(random, request), partlyRevised(random, request)] as const
    const [a, b] = answers.map((answer) => obedience(principle, request, answer)) as [number, number]
    if (a === b) continue
    const [chosen, rejected] = (a > b ? answers : answers.toReversed()).map(answerText) as [string, string]
    const { text } = principle
    return {
      turns: [{ role: 'user', content: request.text }],
      chosen,
      rejected,
      group: groupOf(principle),
      principle: { key: text.replaceAll(' ', '-'), critique: text, revision: text, preference: text },
    }
  }
}

/** After the groups of the HHH evaluation (Askell et al. 2021). */
function groupOf({ faults, engage }: Meaning): string {
  if (faults.length === 0) return 'helpful'
  if (engage) return 'other'
  return faults.every((fault) => fault === 'untrue') ? 'honest' : 'harmless'
}
