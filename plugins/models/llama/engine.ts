import { exactExp, exactLog } from '../../../events/exact-math.ts'
import { isLooping } from '../looping.ts'
import type { ChatForm, Piece } from '../chat-forms.ts'
import { choiceLetters } from '../chat-format.ts'
import { PluginRefused } from '../../errors.ts'
import type {
  Llama,
  LlamaContext,
  LlamaEmbeddingContext,
  LlamaModel,
  LlamaSequence,
  Token,
} from './binding.ts'
import type { LlamaOptions } from './options.ts'
import { Turnstile } from './turnstile.ts'

export interface Writing {
  readonly seed: number
  readonly temperature: number
  readonly maxTokens: number
  /** Whether only the first line with words is wanted. */
  readonly oneLine: boolean
}

export interface Written {
  readonly text: string
  /** The stop mark included. */
  readonly tokens: number
  readonly end: 'stop' | 'length' | 'looping'
}

/**
 * A GGUF model in this process. One request at a time, each from an empty context: what another request left in a
 * prompt cache moves log-probabilities in the third digit.
 */
export class Engine {
  readonly model: LlamaModel
  readonly form: ChatForm
  readonly #llama: Llama
  readonly #options: LlamaOptions
  readonly #context: LlamaContext
  readonly #sequence: LlamaSequence
  readonly #choices: readonly [Token, Token]
  readonly #turnstile = new Turnstile()
  #embedder: LlamaEmbeddingContext | undefined

  private constructor(
    llama: Llama,
    model: LlamaModel,
    form: ChatForm,
    options: LlamaOptions,
    context: LlamaContext,
    choices: readonly [Token, Token],
  ) {
    this.model = model
    this.form = form
    this.#llama = llama
    this.#options = options
    this.#context = context
    this.#sequence = context.getSequence()
    this.#choices = choices
  }

  /** @throws PluginRefused where the letters of the choices are no single tokens */
  static async start(
    llama: Llama,
    model: LlamaModel,
    form: ChatForm,
    options: LlamaOptions,
  ): Promise<Engine> {
    const choices = choiceLetters.map((letter) => {
      const [token, ...more] = model.tokenize(letter, false, 'trimLeadingSpace')
      if (token === undefined || more.length > 0) {
        throw new PluginRefused(
          'llama',
          `${letter} is not one token of this model, so it cannot judge`,
          'take another model',
        )
      }
      return token
    })
    const context = await model.createContext({
      contextSize: options.context_tokens,
      batchSize: options.batch_tokens,
      threads: { ideal: options.threads, min: options.threads },
      flashAttention: false,
      sequences: 1,
    })
    return new Engine(llama, model, form, options, context, choices as [Token, Token])
  }

  /** Tokens that prompt and answer may have together. */
  get contextTokens(): number {
    return Math.min(this.#options.context_tokens, this.#context.contextSize)
  }

  tokenize(pieces: readonly Piece[]): readonly Token[] {
    const { bos, shouldPrependBosToken } = this.model.tokens
    const tokens = pieces.flatMap(({ text, mark }) => this.model.tokenize(text, mark, 'trimLeadingSpace'))
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens
  }

  /** Samples from the whole distribution; temperature 0 is greedy. @throws the signal’s reason */
  write(
    prompt: readonly Token[],
    { seed, temperature, maxTokens, oneLine }: Writing,
    signal: AbortSignal,
  ): Promise<Written> {
    return this.#turnstile.through(async () => {
      signal.throwIfAborted()
      await this.#sequence.clearHistory()
      const written: Token[] = []
      const sampling = { temperature, topK: 0, topP: 1, minP: 0, seed, yieldEogToken: true }
      for await (const token of this.#sequence.evaluate(prompt, sampling)) {
        signal.throwIfAborted()
        if (this.model.isEogToken(token)) return this.#written(written, written.length + 1, 'stop')
        written.push(token)
        if (this.#stopped(written, oneLine)) return this.#written(written, written.length, 'stop')
        if (isLooping(written)) return this.#written(written, written.length, 'looping')
        if (written.length === maxTokens) break
      }
      return this.#written(written, written.length, 'length')
    })
  }

  /** Log-probabilities (nats) of the two letters as the next token, and the probability of both. */
  choose(
    prompt: readonly Token[],
    signal: AbortSignal,
  ): Promise<{ readonly first: number; readonly second: number; readonly mass: number }> {
    return this.#turnstile.through(async () => {
      signal.throwIfAborted()
      await this.#sequence.clearHistory()
      const asked = {
        generateNext: {
          logits: { filter: { tokens: this.#choices, includeMax: true } },
          totalLogitWeight: true,
          options: { temperature: 0 },
        },
      }
      const last = prompt.length - 1
      const output = await this.#sequence.controlledEvaluate(
        prompt.map((token, i) => (i === last ? [token, asked] : token)),
      )
      const { logits, totalLogitWeight } = output[last]?.next ?? {}
      const [a, b] = this.#choices.map((choice) => logits?.get(choice))
      if (!logits || totalLogitWeight === undefined || a === undefined || b === undefined) {
        throw new Error('the engine returned no logits')
      }
      const normaliser = Math.max(...logits.values()) + exactLog(totalLogitWeight)
      const first = a - normaliser
      const second = b - normaliser
      return { first, second, mass: exactExp(first) + exactExp(second) }
    })
  }

  /** The last layer’s state at the last token. */
  embed(tokens: readonly Token[], signal: AbortSignal): Promise<Float32Array> {
    return this.#turnstile.through(async () => {
      signal.throwIfAborted()
      this.#embedder ??= await this.model.createEmbeddingContext({
        contextSize: this.#options.context_tokens,
        batchSize: this.#options.context_tokens,
        threads: { ideal: this.#options.threads, min: this.#options.threads },
      })
      const { vector } = await this.#embedder.getEmbeddingFor(tokens)
      return Float32Array.from(vector)
    })
  }

  async close(): Promise<void> {
    await this.#turnstile.through(() => this.#llama.dispose())
  }

  #stopped(written: readonly Token[], oneLine: boolean): boolean {
    if (this.form.stops.length === 0 && !oneLine) return false
    const text = this.model.detokenize(written)
    return (oneLine && text.trimStart().includes('\n')) || this.form.stops.some((stop) => text.includes(stop))
  }

  #written(tokens: readonly Token[], count: number, end: Written['end']): Written {
    const whole = this.model.detokenize(tokens)
    const ends = this.form.stops.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0)
    return { text: whole.slice(0, Math.min(whole.length, ...ends)).trim(), tokens: count, end }
  }
}
