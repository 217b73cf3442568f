import { HansardError } from '../events/errors.ts'
import type { Home } from '../events/embedded/home.ts'
import type { Recorded } from '../events/event.ts'
import { runStarted } from '../events/vocabulary/governance.ts'
import { paramsOf } from '../lineage/outcome.ts'
import { openPlugins, type PluginChoice } from '../plugins/loader.ts'
import type { ProgressView } from '../tui/progress-types.ts'
import { defaultWorkers } from './open-cast.ts'
import { replayRun } from './replay.ts'
import { readRunFile } from './run-file.ts'

export interface ReplayCommand {
  readonly home: Home
  /** Id of the run, or a unique beginning of it. */
  readonly run: string
  /** The run file, where model or trainer are not built in: the record knows plugins by name, not where they lie. */
  readonly file?: string | undefined
  readonly workers?: number | undefined
  readonly view: ProgressView
  readonly signal: AbortSignal
}

/** Opens the model and trainer that a run names and trains again from its log. */
export const replayCommand = async ({ home, run, file, workers, view, signal }: ReplayCommand) =>
  replayRun({
    home,
    run,
    view,
    signal,
    open: async (started) => {
      const named = await choices(started, file)
      const plugins = openPlugins({
        workers: workers ?? defaultWorkers(),
        folder: named.folder,
        notice: (line) => view.show({ kind: 'notice', line }),
      })
      const model = await plugins.model(named.model)
      return { model, trainer: named.trainer && (await plugins.trainer(named.trainer)) }
    },
  })

interface Named {
  readonly folder: string
  readonly model: PluginChoice
  readonly trainer: PluginChoice | undefined
}

const choices = async (started: Recorded, file: string | undefined): Promise<Named> => {
  if (file !== undefined) {
    const { settings, folder } = await readRunFile(file)
    return {
      folder,
      model: settings.model,
      trainer: settings.trainer === false ? undefined : settings.trainer,
    }
  }
  const { model, trainer } = paramsOf(runStarted, started.event).settings
  return {
    folder: process.cwd(),
    model: named(model, 'model'),
    trainer: trainer ? named(trainer, 'trainer') : undefined,
  }
}

const named = (by: unknown, port: string): PluginChoice => {
  const plugin = (by as { readonly plugin?: unknown } | undefined)?.plugin
  if (typeof plugin === 'string') return { plugin }
  throw new HansardError('unknown_plugin', `the record does not say which plugin was the run’s ${port}`, {
    exit: 2,
    mend: 'name the run file with --file',
  })
}
