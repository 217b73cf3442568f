import { HansardError } from '../events/errors.ts'
import type {
  Capability,
  Constitution,
  Model,
  Plugin,
  PluginHost,
  PluginManifest,
  PromptSource,
  Provided,
  Scorer,
  Trainer,
} from './api.ts'
import { boundModel } from './bound/model.ts'
import { defaultPatience, type Patience } from './bound/patience.ts'
import { boundPrompts } from './bound/prompts.ts'
import { boundScorer } from './bound/scorer.ts'
import { boundTrainer } from './bound/trainer.ts'
import { builtInPlugins } from './built-in.ts'
import { checkConstitution } from './constitutions/load.ts'
import { PluginMisbehaved, PluginRefused, sayingOf } from './errors.ts'
import { checkOptions, checkPlugin, checkProvides } from './loader-check.ts'
import { locatePlugin } from './loader-locate.ts'
import { missingPackage } from './missing-package.ts'
import { visible } from './visible.ts'

/** A plugin as a run file names it: built in, an npm package, or a path; with the options that it checks itself. */
export interface PluginChoice {
  readonly plugin: string
  readonly options?: unknown
}

/** Plugins of one run, found by name and opened port by port. Their answers are bound, checked and watched. */
export interface Plugins {
  model(choice: PluginChoice): Promise<Model>
  trainer(choice: PluginChoice): Promise<Trainer>
  scorer(choice: PluginChoice): Promise<Scorer>
  prompts(choice: PluginChoice): Promise<PromptSource>
  constitutions(choice: PluginChoice): Promise<readonly Constitution[]>
  manifest(name: string): Promise<PluginManifest>
}

/**
 * Makes plugins available to a run. Nothing is loaded before it is asked for.
 *
 * @throws (each method) PluginRefused, PathRefused or UnreadableFile, all with exit code 2; PluginMisbehaved
 */
export function openPlugins(host: PluginHost, patience: Patience = defaultPatience): Plugins {
  const guarded: PluginHost = { ...host, notice: (line) => host.notice(visible(line)) }
  const loading = new Map<string, Promise<Plugin>>()
  /** Manifest name to the name under which its plugin was asked for. */
  const known = new Map<string, string>()

  const load = (name: string): Promise<Plugin> => {
    const started = loading.get(name) ?? loadPlugin(name, host.folder, known)
    loading.set(name, started)
    return started
  }

  const open = async <P extends Capability>(port: P, { plugin: asked, options = {} }: PluginChoice) => {
    const plugin = await load(asked)
    const { name } = plugin.manifest
    checkProvides(plugin, port)
    const checked = await checkOptions(plugin, options)
    const provided = await opened(plugin, port, checked, guarded, patience.openMs)
    const opening = provided[portField[port]]
    if (opening === undefined) {
      throw new PluginRefused(
        name,
        `its manifest says that it provides a ${port}, but it opens none`,
        'report this to its author, or take another version of it',
      )
    }
    return { name, port: opening as NonNullable<Provided[(typeof portField)[P]]> }
  }

  return {
    async model(choice) {
      const { name, port } = await open('model', choice)
      return boundModel(name, port, patience.answerMs)
    },
    async trainer(choice) {
      const { name, port } = await open('trainer', choice)
      return boundTrainer(name, port, patience.stepMs)
    },
    async scorer(choice) {
      const { name, port } = await open('scorer', choice)
      return boundScorer(name, port, patience.answerMs)
    },
    async prompts(choice) {
      const { name, port } = await open('prompts', choice)
      return boundPrompts(name, port, patience.rowMs)
    },
    async constitutions(choice) {
      const { name, port } = await open('constitutions', choice)
      return port.map((constitution) => checkConstitution(constitution, name))
    },
    async manifest(name) {
      return (await load(name)).manifest
    },
  }
}

const portField = {
  model: 'model',
  trainer: 'trainer',
  prompts: 'prompts',
  scorer: 'scorer',
  constitutions: 'constitutions',
} as const satisfies Record<Capability, keyof Provided>

async function loadPlugin(name: string, folder: string, known: Map<string, string>): Promise<Plugin> {
  const builtIn = Object.hasOwn(builtInPlugins, name) ? builtInPlugins[name] : undefined
  const plugin = checkPlugin(name, builtIn ? (await builtIn()).default : await importPlugin(name, folder))
  const called = plugin.manifest.name
  const other =
    Object.hasOwn(builtInPlugins, called) && !builtIn ? 'a plugin of hansard’s own' : known.get(called)
  if (other !== undefined && other !== name) {
    throw new PluginRefused(
      name,
      `it calls itself “${called}”, as does ${other}; in the record nobody could tell them apart`,
      'leave one of them out, or rename one in its manifest',
    )
  }
  known.set(called, name)
  return plugin
}

async function importPlugin(name: string, folder: string): Promise<unknown> {
  const url = await locatePlugin(name, folder)
  try {
    const module = (await import(url)) as { readonly default?: unknown }
    return module.default
  } catch (error) {
    throw missingPackage(name, error) ?? refusal(name, 'it cannot be loaded', error)
  }
}

async function opened(
  plugin: Plugin,
  port: Capability,
  options: unknown,
  host: PluginHost,
  openMs: number,
): Promise<Provided> {
  const { name } = plugin.manifest
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      plugin.open(port, options as never, host),
      new Promise<never>((_, reject) => {
        const late = () =>
          reject(new PluginMisbehaved(name, `open gave nothing for ${Math.round(openMs / 1000)} s`))
        timer = setTimeout(late, openMs)
      }),
    ])
  } catch (error) {
    if (error instanceof HansardError) throw error
    throw missingPackage(name, error) ?? refusal(name, `its ${port} cannot be opened`, error)
  } finally {
    clearTimeout(timer)
  }
}

const refusal = (name: string, what: string, error: unknown): PluginRefused =>
  new PluginRefused(
    name,
    `${what}: ${sayingOf(error)}`,
    'see the plugin’s documentation; --debug shows where it failed',
    error,
  )

/** One line of `hansard plugin list`. */
export type ListedPlugin = Pick<PluginManifest, 'name' | 'version' | 'provides'>

/** The built-in plugins, and those of the given names, packages or paths. @throws PluginRefused */
export async function listPlugins(
  folder: string,
  others: readonly string[] = [],
): Promise<readonly ListedPlugin[]> {
  const plugins = openPlugins({ workers: 1, folder, notice: () => {} })
  const names = [...Object.keys(builtInPlugins), ...others]
  const manifests = await Promise.all(names.map((name) => plugins.manifest(name)))
  return manifests.map(({ name, version, provides }) => ({ name, version, provides }))
}
