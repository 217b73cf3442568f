import type { BlobStore } from '../events/blobs.ts'
import type { Digest, EventId, Question, RecipeId, Recorded } from '../events/event.ts'
import { recipeOf } from '../events/identity.ts'
import type { Entry, EventLog, TextRecord } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'

/** What of a stage is on record already, and what the run would ask for. */
export interface Forecast {
  readonly stage: string
  readonly title: string
  /** Acts of models, raters and scorers; optimiser steps in trainings. */
  readonly total: number
  readonly toAsk: number
}

/** Thrown where a rehearsal can see no further: all that comes after is new. */
export class RehearsalEnds extends Error {}

/** A run that asks nobody, trains nothing and writes nothing: it only looks what the memo knows. */
export class Rehearsal {
  readonly #seen = new Map<string, Forecast>()

  /** Acts of a stage that are on record, and acts that would be asked: themselves missing, or resting on one that is. */
  saw(stage: { readonly name: string; readonly title: string }, remembered: number, missing: number): void {
    const before = this.#seen.get(stage.name)
    this.#seen.set(stage.name, {
      stage: stage.name,
      title: stage.title,
      total: (before?.total ?? 0) + remembered + missing,
      toAsk: (before?.toAsk ?? 0) + missing,
    })
  }

  /** What a stage would have to train or compute is not there: nothing after it can be. */
  end(stage: { readonly name: string; readonly title: string }, missing: number): never {
    this.saw(stage, 0, missing)
    throw new RehearsalEnds()
  }

  forecasts(): readonly Forecast[] {
    return [...this.#seen.values()]
  }
}

/** Reads the record; what the rehearsed run states is kept in memory alone. */
export const rehearsalParts = (home: {
  readonly log: EventLog
  readonly memo: Memo
  readonly blobs: BlobStore
}) => {
  const byId = new Map<EventId, Recorded>()
  const byRecipe = new Map<RecipeId, Recorded>()
  const texts = new Map<Digest, string>()
  const keep = (entries: readonly Entry[], written: readonly TextRecord[]): void => {
    for (const { recorded } of entries) {
      byId.set(recorded.id, recorded)
      byRecipe.set(recorded.recipe, recorded)
    }
    for (const { ref, text } of written) texts.set(ref.digest, text)
  }
  const fill = <K, V>(keys: readonly K[], found: readonly (V | undefined)[], more: ReadonlyMap<K, V>) =>
    keys.map((key, k) => found[k] ?? more.get(key))
  const memo: Memo = {
    answers: async (recipes) => fill(recipes, await home.memo.answers(recipes), byRecipe),
    events: async (ids) => fill(ids, await home.memo.events(ids), byId),
    texts: async (digests) => fill(digests, await home.memo.texts(digests), texts),
    positions: (ids) => home.memo.positions(ids),
    idsWithPrefix: (prefix, limit) => home.memo.idsWithPrefix(prefix, limit),
  }
  const log: EventLog = {
    topic: home.log.topic,
    partitions: home.log.partitions,
    append: async (entries, written) => {
      keep(entries, written)
      return entries.map(({ recorded }) => ({ id: recorded.id, appended: false, diverged: false }))
    },
    read: (partition, from, limit) => home.log.read(partition, from, limit),
    sizes: () => home.log.sizes(),
    tail: (from, signal) => home.log.tail(from, signal),
  }
  const blobs: BlobStore = {
    put: (bytes) => home.blobs.put(bytes),
    get: (digest) => home.blobs.get(digest),
    has: (digest) => home.blobs.has(digest),
    release: async () => {},
    list: () => home.blobs.list(),
  }
  return { log, memo, blobs }
}

/** Stands for an answer that nobody was asked for: a failure, so that nothing is built on it. */
export const unasked = (question: Question): Recorded => {
  const recipe = recipeOf(question)
  const event = { ...question, v: 0, out: { status: 'failed', reason: 'no_answer' } } as const
  return { id: recipe, recipe, event, bytes: new Uint8Array() }
}

export const isUnasked = ({ event }: Recorded): boolean => event.v === 0
