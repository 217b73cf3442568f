import type { Meta, RecipeId, Recorded } from '../events/event.ts'
import type { BlobStore } from '../events/blobs.ts'
import type { EventLog } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'
import type { RunProgress } from '../tui/progress-types.ts'
import type { Cast } from './cast.ts'
import { Recorder } from './recorder.ts'
import type { Rehearsal } from './rehearsal.ts'
import { Retention } from './retention.ts'
import type { Settings } from './settings.ts'
import { TextReader } from './text-reader.ts'

export interface RunParts {
  /** The `run.started`, whose recipe is the run's id. */
  readonly started: Recorded
  readonly settings: Settings
  readonly cast: Cast
  readonly log: EventLog
  readonly memo: Memo
  readonly blobs: BlobStore
  readonly signal: AbortSignal
  readonly watch: (progress: RunProgress) => void
  /** Present where the run only looks what it would ask. */
  readonly rehearsal?: Rehearsal
}

/** Everything that the stages of one run share. */
export class Run {
  readonly id: RecipeId
  readonly started: Recorded
  readonly settings: Settings
  readonly cast: Cast
  readonly memo: Memo
  readonly blobs: BlobStore
  readonly signal: AbortSignal
  readonly watch: (progress: RunProgress) => void
  readonly rehearsal: Rehearsal | undefined
  readonly recorder: Recorder
  readonly retention: Retention
  readonly texts: TextReader
  /** Requests put to models by this process; trainers' steps are no calls. */
  modelCalls = 0
  /** Optimiser steps that this process trained. */
  trainedSteps = 0

  constructor(parts: RunParts) {
    this.id = parts.started.recipe
    this.started = parts.started
    this.settings = parts.settings
    this.cast = parts.cast
    this.memo = parts.memo
    this.blobs = parts.blobs
    this.signal = parts.signal
    this.watch = parts.watch
    this.rehearsal = parts.rehearsal
    this.recorder = new Recorder(parts.log, parts.memo)
    this.retention = new Retention(parts.blobs, parts.settings.retention)
    this.texts = new TextReader(parts.memo)
  }

  get seed(): number {
    return this.settings.seed
  }

  /** What is true of this execution alone: never hashed. */
  meta(more: Meta = {}): Meta {
    return { ce_time: new Date().toISOString(), ce_run: this.id, ...more }
  }

  /** Records events without texts. Resolves to the answers to their recipes, which were perhaps given before. */
  async recordAll(events: readonly Recorded[]): Promise<readonly Recorded[]> {
    const written = events.map((event) => this.recorder.add(event, [], this.meta()))
    await this.recorder.flush()
    return Promise.all(written)
  }

  /** Settles only where the run goes on: whoever was asked to stop has written what was acknowledged, and waits. */
  async unlessStopped(): Promise<void> {
    if (!this.signal.aborted) return
    await this.recorder.flush()
    await new Promise<never>(() => {})
  }
}
