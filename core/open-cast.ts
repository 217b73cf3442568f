import { cpus } from 'node:os'
import type { Constitution, PluginHost } from '../plugins/api.ts'
import { loadConstitution, typedConstitution } from '../plugins/constitutions/load.ts'
import { openPlugins, type Plugins } from '../plugins/loader.ts'
import type { Cast, NamedSource, Sources } from './cast.ts'
import type { RunFile } from './run-file.ts'
import type { Settings, SourceSettings } from './settings.ts'

/** Worker threads where nobody says otherwise: they cannot change any answer. */
export const defaultWorkers = (): number => Math.max(1, Math.min(4, cpus().length))

export interface CastOptions {
  readonly workers?: number | undefined
  /** A name or path that replaces the run file's constitution, relative to the working folder. */
  readonly constitution?: string | undefined
  readonly notice: (line: string) => void
}

/**
 * Opens the plugins that a run file names. Models are checked against the constitution before anything is asked.
 * @throws with exit code 2 where a plugin, file or constitution cannot be used
 */
export const openCast = async ({ settings, folder }: RunFile, options: CastOptions): Promise<Cast> => {
  const host: PluginHost = {
    workers: options.workers ?? settings.workers ?? defaultWorkers(),
    folder,
    notice: options.notice,
  }
  const plugins = openPlugins(host)
  const constitution: Constitution =
    options.constitution === undefined
      ? await loadConstitution(settings.constitution, folder)
      : await typedConstitution(options.constitution, process.cwd())
  const sources = await openSources(plugins, settings)
  const model = await plugins.model(settings.model)
  const judge = settings.judge === undefined ? model : await plugins.model(settings.judge)
  const close = async (): Promise<void> => {
    await model.close()
    if (judge !== model) await judge.close()
  }
  try {
    model.checkPrinciples(constitution.principles)
    judge.checkPrinciples(constitution.principles)
    return {
      constitution,
      model,
      judge,
      trainer: settings.trainer === false ? undefined : await plugins.trainer(settings.trainer),
      scorer: settings.scorer === false ? undefined : await plugins.scorer(settings.scorer),
      raters: settings.raters === false ? undefined : await plugins.scorer(settings.raters),
      sources,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const openSources = async (plugins: Plugins, settings: Settings): Promise<Sources> => {
  const { prompts, helpfulness, evaluation } = settings
  const open = (given: readonly SourceSettings[]): Promise<readonly NamedSource[]> =>
    Promise.all(given.map((one) => openSource(plugins, one)))
  return {
    redTeam: await open(prompts.red_team),
    helpful: await open(prompts.helpful),
    heldOutRedTeam: await open(prompts.held_out_red_team),
    heldOutHelpful: await open(prompts.held_out_helpful),
    comparisons: helpfulness === false ? [] : await open(helpfulness.dataset ?? []),
    items: evaluation === false ? [] : await open(evaluation.items),
  }
}

const openSource = async (plugins: Plugins, given: SourceSettings): Promise<NamedSource> => {
  if ('plugin' in given) return { name: given.plugin, source: await plugins.prompts(given) }
  const { file, format, limit, licence } = given
  const source = await plugins.prompts({
    plugin: 'files',
    options: { file, format, ...(limit === undefined ? {} : { limit }) },
  })
  // The name is the file's own, not where it lies: a path would make the same run another one elsewhere.
  const name = file.split(/[\\/]/).at(-1)!
  return { name, source, ...(licence === undefined ? {} : { licence }) }
}
