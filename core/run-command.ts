import { setTimeout as pause } from 'node:timers/promises'
import { type Home, openHome } from '../events/embedded/home.ts'
import type { RecipeId } from '../events/event.ts'
import type { ProgressView, RunProgress } from '../tui/progress-types.ts'
import { broadcaster, listen } from './broadcast.ts'
import { compose, type Parts } from './compose.ts'
import { holdRun } from './hold.ts'
import { identifyRun } from './identify-run.ts'
import { openCast } from './open-cast.ts'
import { type Forecast, Rehearsal, rehearsalParts } from './rehearsal.ts'
import { rehearse } from './rehearse.ts'
import type { Run } from './run-context.ts'
import { readRunFile } from './run-file.ts'
import { type RunLock, tryRunLock } from './run-lock.ts'
import { drive } from './workflow.ts'

export interface RunRequest {
  /** Folder of the record. */
  readonly home: string
  /** The run file; the default run where absent. */
  readonly file?: string | undefined
  /** Replaces the run file's constitution. */
  readonly constitution?: string | undefined
  readonly seed?: number | undefined
  readonly workers?: number | undefined
  /** Holds the policy, pairs and rollouts of a run (its id, or the last one sealed) and asks its labels again. */
  readonly hold?: { readonly run: string | undefined } | undefined
  /** Told what would be asked anew, where this record has a run already; the run goes on unless it says no. */
  readonly foresee?: ((forecast: readonly Forecast[]) => Promise<boolean>) | undefined
  readonly view: ProgressView
  /** Aborted where the person wants to stop: the run writes what was acknowledged, and goes on next time. */
  readonly signal: AbortSignal
}

export interface RunResult {
  readonly run: RecipeId
  readonly seal: string
  readonly events: number
  /** Requests put to models by this command: 0 where the memo knew everything. */
  readonly modelCalls: number
  readonly trainedSteps: number
  readonly seconds: number
  /** Another process drove the run; this one watched. */
  readonly attached: boolean
}

/** How often a watcher looks whether the run that it watches has lost its driver. */
const look_ms = 500

/**
 * Runs a run file to its seal, or goes on where it was, or watches another process that is at it.
 * Undefined where it was asked to stop.
 */
export const runCommand = async (request: RunRequest): Promise<RunResult | undefined> => {
  const began = performance.now()
  const file = await readRunFile(request.file)
  const settings = { ...file.settings, ...(request.seed === undefined ? {} : { seed: request.seed }) }
  const notice = (line: string): void => request.view.show({ kind: 'notice', line })
  const opened = await openCast({ ...file, settings }, { ...request, notice })
  // Only what can be used opens a record: a mistake in a file leaves no folder behind.
  const home = await openHome(request.home, {
    onWait: (trouble) =>
      notice(trouble === undefined ? 'the database is back: going on' : `waiting: ${trouble.message}`),
  }).catch(async (error: unknown) => {
    await opened.close()
    throw error
  })
  let finished = false
  let cast = opened
  let lock: RunLock | undefined
  let run: Run | undefined
  try {
    if (request.hold !== undefined) cast = { ...opened, held: await holdRun(home, request.hold.run) }
    const started = await identifyRun(settings, cast)
    const parts = { home, cast, settings, started, signal: request.signal }
    if (request.foresee !== undefined && !(await request.foresee(await forecast(parts)))) {
      finished = true
      return undefined
    }
    const driver = await driverLock(home, started.recipe, request)
    lock = driver.lock
    if (lock === undefined) return undefined
    const tell = broadcaster(home, started.recipe)
    const watch = (progress: RunProgress): void => {
      request.view.show(progress)
      tell(progress)
    }
    run = compose({ ...parts, watch })
    const sealed = await Promise.race([drive(home, run), stopped(run)])
    if (sealed === undefined) return undefined
    finished = true
    const seconds = (performance.now() - began) / 1000
    const { modelCalls, trainedSteps, recorder } = run
    if (recorder.diverged > 0)
      notice(
        `${recorder.diverged} answers came out otherwise than they are on record: the first ones count, and the others are kept beside them`,
      )
    return {
      run: run.id,
      seal: sealed.seal,
      events: sealed.events,
      modelCalls,
      trainedSteps,
      seconds,
      attached: driver.attached,
    }
  } catch (error) {
    finished = true
    throw error
  } finally {
    // A stopped run has steps that never end and hold sessions: the process ends with them.
    if (finished) {
      // What was answered before something failed is paid for, and kept.
      await run?.recorder.flush()
      await lock?.release()
      await cast.close()
      await home.close()
    }
  }
}

const forecast = async (parts: Omit<Parts, 'watch'>): Promise<readonly Forecast[]> => {
  const rehearsal = new Rehearsal()
  const home = { ...parts.home, ...rehearsalParts(parts.home) }
  return rehearse(compose({ ...parts, home, watch: () => {}, rehearsal }), rehearsal)
}

/** The lock of the run; while another process holds it, its progress is shown here. */
const driverLock = async (
  home: Home,
  run: RecipeId,
  { view, signal }: RunRequest,
): Promise<{ readonly lock: RunLock | undefined; readonly attached: boolean }> => {
  const lock = await tryRunLock(home, run)
  if (lock !== undefined) return { lock, attached: false }
  view.show({ kind: 'notice', line: `run ${run.slice(0, 12)} is at work in another process: watching it` })
  const silence = await listen(home, run, (progress) => view.show(progress))
  try {
    while (!signal.aborted) {
      await pause(look_ms, undefined, { signal }).catch(() => {})
      const taken = signal.aborted ? undefined : await tryRunLock(home, run)
      if (taken !== undefined) return { lock: taken, attached: true }
    }
    return { lock: undefined, attached: true }
  } finally {
    await silence()
  }
}

/** Resolves to undefined once the run was asked to stop and everything acknowledged is written. */
const stopped = (run: Run): Promise<undefined> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      run.recorder.flush().then(() => resolve(undefined), reject)
    }
    if (run.signal.aborted) stop()
    else run.signal.addEventListener('abort', stop, { once: true })
  })
