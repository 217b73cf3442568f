import type {
  Act,
  Answered,
  Choice,
  Chosen,
  EmbedRequest,
  Failure,
  Generated,
  GenerateRequest,
  Policy,
} from '../../api.ts'
import { renderForAnswer, renderWhole } from '../chat-forms.ts'
import { chatOfAct, chatOfAnswer, chatOfChoice, messageIn } from '../chat-format.ts'
import type { Engine, Written } from './engine.ts'

/** The acts of a chat model on an engine. Requests are answered one after the other. */
export function policyOf(engine: Engine, leastMass: number): Policy {
  const tooLong: Failure = { failed: 'prompt_too_long' }

  const generate = async (request: GenerateRequest, signal: AbortSignal): Promise<Generated | Failure> => {
    const prompt = engine.tokenize(renderForAnswer(engine.form, chatOfAct(request.act)))
    if (prompt.length + request.maxTokens > engine.contextTokens) return tooLong
    const writing = { ...request, oneLine: request.act.act === 'prompt' }
    return outcome(request.act, await engine.write(prompt, writing, signal))
  }

  const choose = async (choice: Choice, signal: AbortSignal): Promise<Chosen | Failure> => {
    const prompt = engine.tokenize(renderForAnswer(engine.form, chatOfChoice(choice)))
    if (prompt.length >= engine.contextTokens) return tooLong
    const { first, second, mass } = await engine.choose(prompt, signal)
    return mass < leastMass ? { failed: 'no_mass_on_choices', mass } : { first, second }
  }

  const embed = async (
    request: EmbedRequest,
    signal: AbortSignal,
  ): Promise<{ readonly features: Float32Array } | Failure> => {
    const tokens = engine.tokenize(renderWhole(engine.form, chatOfAnswer(request)))
    if (tokens.length >= engine.contextTokens) return tooLong
    return { features: await engine.embed(tokens, signal) }
  }

  return {
    generate: (requests, signal) => oneByOne(requests, generate, signal),
    choose: (requests, signal) => oneByOne(requests, choose, signal),
    embed: (requests, signal) => oneByOne(requests, embed, signal),
  }
}

const outcome = (act: Act, { text: whole, tokens, end }: Written): Generated | Failure => {
  const text = act.act === 'prompt' ? messageIn(whole) : whole
  if (end === 'looping') return { failed: 'looping', text }
  if (text === '') return { failed: 'empty' }
  return { text, tokens, finish: end }
}

async function* oneByOne<R, T>(
  requests: readonly R[],
  answer: (request: R, signal: AbortSignal) => Promise<T | Failure>,
  signal: AbortSignal,
): AsyncGenerator<Answered<T>> {
  for (const [index, request] of requests.entries()) {
    signal.throwIfAborted()
    const startMs = performance.now()
    const given = await answer(request, signal)
    yield { index, answer: given, meta: { latency_ms: (performance.now() - startMs).toFixed(0) } }
  }
}
