import * as z from 'zod'
import { apiVersion, type Capability, type Plugin } from './api.ts'
import { issueOf } from './bound/answers.ts'
import { PluginRefused } from './errors.ts'
import { isPlain } from './visible.ts'

const plain = z.string().min(1).max(120).refine(isPlain, 'it holds control or invisible characters')

const pluginShape = z.object({
  manifest: z.object({
    name: plain,
    version: plain,
    api: z.int(),
    provides: z.array(z.enum(['model', 'trainer', 'prompts', 'scorer', 'constitutions'])).min(1),
  }),
  options: z.custom((value) => typeof (value as z.ZodType | undefined)?.safeParse === 'function', {
    error: 'it is no zod schema',
  }),
  open: z.custom((value) => typeof value === 'function', { error: 'it is no function' }),
})

/** What a module exports, as a plugin made for this version. @throws PluginRefused */
export function checkPlugin(name: string, exported: unknown): Plugin {
  const api = (exported as { manifest?: { api?: unknown } } | undefined)?.manifest?.api
  if (Number.isInteger(api) && api !== apiVersion) {
    throw new PluginRefused(
      name,
      `it was made for version ${String(api)} of the plugin contracts, this hansard has version ${apiVersion}`,
      Number(api) > apiVersion ? 'update hansard' : 'install a newer version of the plugin',
    )
  }
  const checked = pluginShape.safeParse(exported)
  if (!checked.success) {
    const why = exported === undefined ? 'there is none' : issueOf(checked.error)
    throw new PluginRefused(
      name,
      `its default export is no plugin: ${why}`,
      'export { manifest, options, open } by default, as the type Plugin of hansard says',
    )
  }
  return exported as Plugin
}

/** The options of a run file, checked by the plugin’s own schema. @throws PluginRefused with the field’s path */
export async function checkOptions(plugin: Plugin, given: unknown): Promise<unknown> {
  const checked = await plugin.options.safeParseAsync(given)
  if (checked.success) return checked.data
  const issues = checked.error.issues.map(({ path, message }) =>
    ['options', ...path.map(String)].join('.').concat(': ', message),
  )
  throw new PluginRefused(
    plugin.manifest.name,
    issues.join('; '),
    'mend these options in the run file; the plugin’s documentation lists them',
  )
}

/** @throws PluginRefused where the manifest does not name the port */
export function checkProvides(plugin: Plugin, port: Capability): void {
  const { name, provides } = plugin.manifest
  if (provides.includes(port)) return
  throw new PluginRefused(
    name,
    `it provides ${provides.join(', ')}, and no ${port}`,
    `name a plugin that provides a ${port}`,
  )
}
