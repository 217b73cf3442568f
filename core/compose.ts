import 'reflect-metadata'
import { container, type InjectionToken } from 'tsyringe'
import type { BlobStore } from '../events/blobs.ts'
import type { Home } from '../events/embedded/home.ts'
import type { Recorded } from '../events/event.ts'
import type { EventLog } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'
import type { RunProgress } from '../tui/progress-types.ts'
import type { Cast } from './cast.ts'
import type { Rehearsal } from './rehearsal.ts'
import { Run } from './run-context.ts'
import type { Settings } from './settings.ts'

/** The one place where parts are put together; everything else takes what it needs as arguments. */
const tokens = {
  log: Symbol('EventLog') as InjectionToken<EventLog>,
  memo: Symbol('Memo') as InjectionToken<Memo>,
  blobs: Symbol('BlobStore') as InjectionToken<BlobStore>,
  cast: Symbol('Cast') as InjectionToken<Cast>,
  settings: Symbol('Settings') as InjectionToken<Settings>,
  started: Symbol('run.started') as InjectionToken<Recorded>,
  signal: Symbol('AbortSignal') as InjectionToken<AbortSignal>,
  watch: Symbol('watch') as InjectionToken<(progress: RunProgress) => void>,
}

export interface Parts {
  readonly home: Home
  readonly cast: Cast
  readonly settings: Settings
  readonly started: Recorded
  readonly signal: AbortSignal
  readonly watch: (progress: RunProgress) => void
  readonly rehearsal?: Rehearsal
}

/** A run, with the adapters of its home behind every port. */
export const compose = (parts: Parts): Run => {
  const scope = container.createChildContainer()
  scope.register(tokens.log, { useValue: parts.home.log })
  scope.register(tokens.memo, { useValue: parts.home.memo })
  scope.register(tokens.blobs, { useValue: parts.home.blobs })
  scope.register(tokens.cast, { useValue: parts.cast })
  scope.register(tokens.settings, { useValue: parts.settings })
  scope.register(tokens.started, { useValue: parts.started })
  scope.register(tokens.signal, { useValue: parts.signal })
  scope.register(tokens.watch, { useValue: parts.watch })
  scope.register(Run, {
    useFactory: (from) =>
      new Run({
        log: from.resolve(tokens.log),
        memo: from.resolve(tokens.memo),
        blobs: from.resolve(tokens.blobs),
        cast: from.resolve(tokens.cast),
        settings: from.resolve(tokens.settings),
        started: from.resolve(tokens.started),
        signal: from.resolve(tokens.signal),
        watch: from.resolve(tokens.watch),
        ...(parts.rehearsal === undefined ? {} : { rehearsal: parts.rehearsal }),
      }),
  })
  return scope.resolve(Run)
}
