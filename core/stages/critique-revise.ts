import type { EventId, Recorded } from '../../events/event.ts'
import { critiqueWritten, revisionWritten } from '../../events/vocabulary/supervised.ts'
import { ask } from '../ask.ts'
import { openPolicy } from '../policies.ts'
import { lastWords, type PromptItem, promptsOfSet, succeeded } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Stage } from '../stage.ts'
import { critiqueQuestion, principleOfRound, revisionQuestion, type Ruling } from './chain-questions.ts'
import { drawSamples, writtenOut } from './draw-samples.ts'
import type { Prompts } from './prompts.ts'

export interface Chains {
  /** Set of the first answers and of all revisions that came out, in the order of chains, then rounds. */
  readonly answers: EventId | undefined
}

/** A chain at work: the prompt, and the answer as it stands. */
interface Chain {
  readonly prompt: PromptItem
  answer: Recorded
  text: string
  readonly answers: Recorded[]
  /** A rehearsal came to an act that is not on record: what follows in this chain is counted, not looked for. */
  rehearsedOut: boolean
}

type Critique = { readonly event: Recorded; readonly text: string } | undefined

/**
 * Section 3.1 of the paper: a first answer, then in each round a principle is drawn, the model criticises the
 * answer by it and writes it anew. A failed critique or revision is recorded, and the answer stands as it was.
 */
export const critiqueAndRevise = async (
  stage: Stage,
  model: EventId,
  ruling: Ruling,
  prompts: Prompts,
): Promise<Chains> => {
  const { run } = stage
  const settings = run.settings.critique
  if (settings === false || prompts.redTeam === undefined) return { answers: undefined }
  const items = await promptsOfSet(run, prompts.redTeam)
  const acts = items.length * (1 + settings.rounds * (settings.mode === 'direct' ? 1 : 2))
  const wave = Math.max(1, run.cast.model.batch)
  const ids: EventId[] = []
  let done = 0
  let exhibited = false
  for (let start = 0; start < items.length; start += wave) {
    const part = items.slice(start, start + wave)
    const chains = await respond(stage, model, part, { done, total: acts })
    done += part.length
    for (let round = 1; round <= settings.rounds; round++) {
      const going = chains.filter(({ rehearsedOut }) => !rehearsedOut)
      const before = going[0]?.text
      const critiques = await reviseOnce(stage, model, ruling, going, round, { done, total: acts })
      done += part.length * (settings.mode === 'direct' ? 1 : 2)
      if (!exhibited && going[0] && going[0].text !== before) {
        exhibited = true
        exhibitChain(stage, ruling, going[0], before!, critiques[0], round)
      }
    }
    for (const chain of chains) ids.push(...chain.answers.map(({ id }) => id))
  }
  return { answers: ids.length === 0 ? undefined : await stage.form('samples', ids) }
}

interface Progress {
  readonly done: number
  readonly total: number
}

const respond = async (stage: Stage, model: EventId, items: readonly PromptItem[], progress: Progress) => {
  const settings = stage.run.settings.critique
  if (settings === false) return []
  const samples = await drawSamples(
    stage,
    items.map((prompt) => ({
      prompt,
      policy: { event: model },
      i: prompt.i,
      temperature: settings.respond_temperature,
      maxTokens: settings.max_tokens,
    })),
    { before: progress.done, total: progress.total },
  )
  const good = samples.flatMap((event, k) => (succeeded(event) ? [{ event, prompt: items[k]! }] : []))
  const texts = await stage.run.texts.of(good.map(({ event }) => event))
  return good.map(({ event, prompt }, k): Chain => ({
    prompt,
    answer: event,
    text: texts[k]!,
    answers: [event],
    rehearsedOut: false,
  }))
}

const reviseOnce = async (
  stage: Stage,
  model: EventId,
  ruling: Ruling,
  chains: readonly Chain[],
  round: number,
  progress: Progress,
): Promise<readonly Critique[]> => {
  const { run } = stage
  const settings = run.settings.critique
  if (settings === false) return []
  const { temperature, max_tokens: maxTokens, mode } = settings
  const policy = await openPolicy(run, { event: model })
  const drawn = chains.map(({ prompt }) => principleOfRound(run, ruling, prompt, round))
  const asked = (chain: Chain, principle: EventId) => ({
    model,
    prompt: chain.prompt,
    answer: chain.answer.id,
    principle,
    round,
  })
  const critiques: Critique[] = Array.from({ length: chains.length })
  let written: readonly Recorded[] = []
  if (mode === 'critiqued') {
    written = await ask(stage, {
      definition: critiqueWritten,
      unit: 'acts',
      model: true,
      before: progress.done,
      total: progress.total,
      asks: chains.map((chain, k) => {
        const { id, principle } = drawn[k]!
        const question = critiqueQuestion(run, settings, asked(chain, id))
        const act = {
          act: 'critique' as const,
          dialogue: chain.prompt.dialogue,
          answer: chain.text,
          principle,
        }
        return { question, request: { act, seed: question.draw.seed, temperature, maxTokens } }
      }),
      put: (requests, signal) => policy.generate(requests, signal),
      given: writtenOut,
    })
    const good = written.flatMap((event, k) => (succeeded(event) ? [{ event, k }] : []))
    const texts = await run.texts.of(good.map(({ event }) => event))
    good.forEach(({ event, k }, g) => {
      critiques[k] = { event, text: texts[g]! }
    })
  }

  const actsAfter = (settings.rounds - round) * (mode === 'direct' ? 1 : 2)
  const leaveOut = (chain: Chain, lost: number): void => {
    chain.rehearsedOut = true
    run.rehearsal?.saw(stage, 0, lost)
  }
  written.forEach((critique, k) => {
    if (isUnasked(critique)) leaveOut(chains[k]!, 1 + actsAfter)
  })
  const revising = chains.flatMap((chain, k) => (mode === 'direct' || critiques[k] ? [{ chain, k }] : []))
  const revisions = await ask(stage, {
    definition: revisionWritten,
    unit: 'acts',
    model: true,
    before: progress.done + (mode === 'direct' ? 0 : chains.length),
    total: progress.total,
    asks: revising.map(({ chain, k }) => {
      const { id, principle } = drawn[k]!
      const critique = critiques[k]
      const question = revisionQuestion(run, settings, { ...asked(chain, id), critique: critique?.event.id })
      const act = {
        act: 'revise' as const,
        dialogue: chain.prompt.dialogue,
        answer: chain.text,
        principle,
        ...(critique === undefined ? {} : { critique: critique.text }),
      }
      return { question, request: { act, seed: question.draw.seed, temperature, maxTokens } }
    }),
    put: (requests, signal) => policy.generate(requests, signal),
    given: writtenOut,
  })
  revisions.forEach((revision, k) => {
    if (isUnasked(revision)) leaveOut(revising[k]!.chain, actsAfter)
  })
  const good = revisions.flatMap((event, k) =>
    succeeded(event) ? [{ event, chain: revising[k]!.chain }] : [],
  )
  const texts = await run.texts.of(good.map(({ event }) => event))
  good.forEach(({ event, chain }, k) => {
    chain.answer = event
    chain.text = texts[k]!
    chain.answers.push(event)
  })
  return critiques
}

const exhibitChain = (
  stage: Stage,
  ruling: Ruling,
  chain: Chain,
  before: string,
  critique: Critique,
  round: number,
): void => {
  const { principle } = principleOfRound(stage.run, ruling, chain.prompt, round)
  stage.exhibit('the first revision', [
    `prompt     ${lastWords(chain.prompt.dialogue)}`,
    `answer     ${before}`,
    `principle  ${principle.key}: ${principle.critique ?? principle.revision ?? ''}`,
    ...(critique ? [`critique   ${critique.text}`] : []),
    `revision   ${chain.text}`,
  ])
}
