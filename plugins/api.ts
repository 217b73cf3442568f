import type * as z from 'zod'
import type { By, Digest, FailureReason, Json } from '../events/event.ts'

/** Version of this file’s contracts. A plugin made for another one is refused with a clear error. */
export const apiVersion = 1

/** How a backend’s answers repeat: to the bit, but for who shares the batch, or not at all. */
export type Determinism = 'exact' | 'batch-dependent' | 'sampled'

export type Capability = 'model' | 'trainer' | 'prompts' | 'scorer' | 'constitutions'

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

/** The wording of a principle; a model plugin says which of the texts it needs. */
export interface Principle {
  readonly key: string
  readonly critique?: string
  readonly revision?: string
  readonly preference?: string
}

export interface Constitution {
  readonly name: string
  readonly version: string
  readonly licence?: string
  readonly author?: string
  readonly principles: readonly Principle[]
}

/** What a model is asked to write. It stands before the model in the plugin’s own form. */
export type Act =
  | { readonly act: 'prompt'; readonly examples: readonly string[] }
  | { readonly act: 'respond'; readonly dialogue: readonly Turn[] }
  | {
      readonly act: 'critique'
      readonly dialogue: readonly Turn[]
      readonly answer: string
      readonly principle: Principle
    }
  | {
      readonly act: 'revise'
      readonly dialogue: readonly Turn[]
      readonly answer: string
      readonly principle: Principle
      /** Absent in direct revision. */
      readonly critique?: string
    }
  | {
      readonly act: 'reason'
      readonly dialogue: readonly Turn[]
      readonly answers: readonly [string, string]
      readonly principle: Principle
    }

/** Two answers to choose from, in the order in which they are shown. */
export interface Choice {
  readonly dialogue: readonly Turn[]
  readonly answers: readonly [string, string]
  readonly principle: Principle | undefined
  readonly reasoning?: string
}

/** A failure that belongs to the answer: recorded, remembered, never retried. */
export interface Failure {
  readonly failed: FailureReason
  /** What the model did write. */
  readonly text?: string
  /** With `no_mass_on_choices`: the probability that both choices hold together. */
  readonly mass?: number
}

/** The answer to request `index` of a batch; answers may come in any order, each exactly once. */
export interface Answered<T> {
  readonly index: number
  readonly answer: T | Failure
  /** What is not hashed: latency, cost, usage, fingerprint seen. */
  readonly meta?: Readonly<Record<string, string>>
}

export const isFailure = <T extends object>(answer: T | Failure): answer is Failure => 'failed' in answer

export interface GenerateRequest {
  readonly act: Act
  /** 0 … 2³¹−2, derived from the place. */
  readonly seed: number
  readonly temperature: number
  readonly maxTokens: number
}

export interface Generated {
  readonly text: string
  /** Tokens generated, the stop mark included. */
  readonly tokens: number
  readonly finish: 'stop' | 'length'
}

/** Log-probabilities (nats) of naming the answer shown first, and the one shown second. */
export interface Chosen {
  readonly first: number
  readonly second: number
}

export interface EmbedRequest {
  readonly dialogue: readonly Turn[]
  readonly answer: string
}

/** A model at certain weights. All methods yield answers as they come and stop at once when the signal aborts. */
export interface Policy {
  generate(requests: readonly GenerateRequest[], signal: AbortSignal): AsyncIterable<Answered<Generated>>
  /** Exact log-probabilities of the two choices; `no_mass_on_choices` where they hold too little. */
  choose(requests: readonly Choice[], signal: AbortSignal): AsyncIterable<Answered<Chosen>>
  /** The features of an answer after its dialogue, float32. */
  embed(
    requests: readonly EmbedRequest[],
    signal: AbortSignal,
  ): AsyncIterable<Answered<{ readonly features: Float32Array }>>
}

/** Weights that a checkpoint holds: the bytes of its blob. */
export interface Weights {
  readonly bytes: Uint8Array
}

export interface Model {
  /** Who answers: plugin, and the digest of base weights, templates, kernels and the behaviour number. */
  readonly by: By
  readonly name: string
  readonly determinism: Determinism
  /** Digest of the base weights, or null where nobody can tell it. */
  readonly weights: Digest | null
  readonly identity: { readonly [key: string]: Json }
  /** Words put around an act before the model reads it: name and text, recorded as template.defined. */
  readonly templates: readonly { readonly name: string; readonly text: string }[]
  /** The texts of a principle that this model reads. */
  readonly principleFields: readonly ('critique' | 'revision' | 'preference')[]
  /** Whether it can reason about a pair before it chooses. */
  readonly reasons: boolean
  /** How `embed` pools token states: a word that stands in features.computed. */
  readonly pooling: string
  readonly dimensions: number
  /** Requests worth handing over at once. */
  readonly batch: number
  /** @throws an error naming the principle and the word, where a text cannot be read by this model */
  checkPrinciples(principles: readonly Principle[]): void
  readonly base: Policy
  /** The model at a checkpoint’s weights. @throws where the model cannot be trained */
  at(weights: Weights): Promise<Policy>
  close(): Promise<void>
}

/** One optimiser step, as it happened. */
export interface StepReport {
  readonly kind: 'step'
  /** From 1. */
  readonly step: number
  /** Ids of the items of this step, in training order: the trainer echoes what it was sent. */
  readonly items: readonly string[]
  readonly lossNats: number
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  readonly tokens: number
  /** sha-256 over tensors sorted by name, where the trainer digests every step. */
  readonly weights?: Digest
  readonly rl?: {
    readonly klNats: number
    readonly klsNats: readonly number[]
    readonly advantages: readonly number[]
  }
}

/** The state after a step, to go on from; comes after the report of its step. */
export interface CheckpointReport {
  readonly kind: 'checkpoint'
  readonly step: number
  readonly bytes: Uint8Array
  readonly weights: Digest
}

export interface SftItem {
  readonly id: string
  readonly dialogue: readonly Turn[]
  readonly answer: string
}

export interface Resume {
  readonly step: number
  readonly bytes: Uint8Array
}

export interface SftJob {
  /** Weights to start from; the base where undefined. */
  readonly start: Weights | undefined
  readonly settings: Readonly<Record<string, Json>>
  readonly count: number
  /** Items start … start+count−1, in training order. The trainer never shuffles. */
  items(start: number, count: number): Promise<readonly SftItem[]>
  /** Steps after which a checkpoint is wanted (the last one always is). */
  readonly checkpointEvery: number
  readonly resume?: Resume
}

export interface RolloutRequest {
  readonly id: string
  /** Rollouts of one group share their prompt; the group’s mean reward is their baseline. */
  readonly group: number
  readonly dialogue: readonly Turn[]
  readonly seed: number
  /** What was recorded before, where this step is repeated after a crash or in a replay. */
  readonly recorded?: {
    readonly text: string
    readonly tokenIds: Uint32Array
    readonly logprobs: Float32Array
  }
}

export interface DrawnRollout {
  readonly id: string
  readonly text: string
  readonly finish: 'stop' | 'length'
  /** The stop mark included. */
  readonly tokenIds: Uint32Array
  /** Natural log-probability of each token as sampled. */
  readonly logprobs: Float32Array
  /** Features of the answer by the frozen trunk. */
  readonly features: Float32Array
}

/** The side of the record, as an RL trainer sees it. */
export interface RlHost {
  /** What step `step` (from 1) rolls out, in item order. Called once a step, after the previous report was recorded. */
  prompts(step: number): Promise<readonly RolloutRequest[]>
  /** Records the rollouts and scores them; rewards in the order given. */
  score(step: number, rollouts: readonly DrawnRollout[]): Promise<readonly number[]>
}

export interface RlJob {
  readonly start: Weights
  /** The frozen supervised policy: reference of the KL term. */
  readonly reference: Weights
  /** The frozen trunk of the preference model. */
  readonly trunk: Weights
  readonly settings: Readonly<Record<string, Json>>
  readonly steps: number
  readonly temperature: number
  readonly maxTokens: number
  readonly checkpointEvery: number
  /** Steps after which a checkpoint is wanted besides. */
  readonly checkpointAt: readonly number[]
  readonly resume?: Resume
}

/** Trains policies. In process or far away; steps come back as they happen. */
export interface Trainer {
  readonly by: By
  readonly determinism: Determinism
  /**
   * Fills in and checks settings. Those of `sft` have `batch`, the items of a step, and `epochs` where it is not 1: a step
   * takes the next items of the set, and the last one of an epoch what is left.
   * @throws with the field’s name
   */
  settings(method: 'sft' | 'rl', given: Readonly<Record<string, Json>>): Readonly<Record<string, Json>>
  /** Digest of the weights at the start, as in train.started. */
  weightsOf(start: Weights | undefined): Promise<Digest>
  sft(job: SftJob, signal: AbortSignal): AsyncIterable<StepReport | CheckpointReport>
  rl(job: RlJob, host: RlHost, signal: AbortSignal): AsyncIterable<StepReport | CheckpointReport>
}

export interface PromptRow {
  /** Index of the row in its source, from 0, where rows before it were left out; else its place among the rows. */
  readonly row?: number
  readonly turns: readonly Turn[]
  /** Both last answers of a human comparison, and a known right answer of an item. */
  readonly chosen?: string
  readonly rejected?: string
  readonly group?: string
  /** The question that an item asks by itself, where it is not one of the constitution’s. */
  readonly principle?: Principle
}

/** Where prompts, comparisons and items come from. */
export interface PromptSource {
  readonly by: By
  readonly format: string
  /** sha-256 of the file, or of the canonical settings that make the rows. */
  digest(): Promise<Digest>
  rows(signal: AbortSignal): AsyncIterable<PromptRow>
  /** After `rows` ended: how many were left out, by reason. */
  leftOut?(): Readonly<Record<string, number>>
}

export interface ScoreRequest {
  readonly dialogue: readonly Turn[]
  readonly answer: string
}

export interface CompareRequest {
  readonly dialogue: readonly Turn[]
  readonly first: string
  readonly second: string
  /** What is asked, one of the scorer’s `questions`. */
  readonly question: string
  /** Given where the scorer simulates raters, who draw their answer. */
  readonly seed?: number
}

/** Names by which hansard knows scores; a scorer gives those that it can, and others of its own. */
export interface KnownScores {
  readonly harm?: number
  readonly help?: number
  /** The overall score that nothing trains on. */
  readonly gold?: number
  readonly repeats?: number
}

/** Measures answers. Rules, classifiers, or raters that are simulated (and said to be). */
export interface Scorer {
  readonly by: By
  readonly name: string
  readonly determinism: Determinism
  readonly questions: readonly string[]
  readonly simulatesRaters: boolean
  score(
    requests: readonly ScoreRequest[],
    signal: AbortSignal,
  ): AsyncIterable<Answered<{ readonly scores: Readonly<Record<string, number>> & KnownScores }>>
  /** Whether a generated prompt is of the kind asked for; absent where the scorer cannot tell. */
  screen?(
    requests: readonly { readonly dialogue: readonly Turn[] }[],
    signal: AbortSignal,
  ): AsyncIterable<
    Answered<{
      readonly kept: boolean
      readonly reason: 'kept' | 'unreadable' | 'not_mischievous' | 'held_out'
    }>
  >
  classify(
    requests: readonly ScoreRequest[],
    signal: AbortSignal,
  ): AsyncIterable<
    Answered<{
      readonly refuses: boolean
      readonly flat: boolean
      readonly engaged: boolean
      readonly start?: number
      readonly end?: number
    }>
  >
  compare(
    requests: readonly CompareRequest[],
    signal: AbortSignal,
  ): AsyncIterable<
    Answered<{ readonly preferred: 'first' | 'second' | 'tie'; readonly probabilityFirst?: number }>
  >
}

/** What a plugin may use of its host. */
export interface PluginHost {
  /** Logical worker threads that the user grants; must not change any answer. */
  readonly workers: number
  /** Folder of the run file: relative paths in options are resolved against it. */
  readonly folder: string
  /** Reads nothing secret; lines for people, not for the record. */
  notice(line: string): void
}

/** What a plugin opens: each port that its manifest’s `provides` names. */
export interface Provided {
  readonly model?: Model
  readonly trainer?: Trainer
  readonly prompts?: PromptSource
  readonly scorer?: Scorer
  readonly constitutions?: readonly Constitution[]
}

export interface PluginManifest {
  readonly name: string
  readonly version: string
  /** `apiVersion` that it was written for. */
  readonly api: number
  readonly provides: readonly Capability[]
}

/**
 * The default export of a plugin package. Plugins are trusted code in hansard’s process:
 * their answers are bound to recipes, validated and timed out, but their code is not confined.
 */
export interface Plugin {
  readonly manifest: PluginManifest
  readonly options: z.ZodType
  /** Opens one port with options that `options` has accepted. */
  open(port: Capability, options: never, host: PluginHost): Promise<Provided>
}
