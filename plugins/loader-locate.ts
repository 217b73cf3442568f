import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { containedPath } from './contained-path.ts'
import { PluginRefused, sayingOf } from './errors.ts'

const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/

/** Whether a name in a run file means a path and no package. */
export const isPath = (name: string): boolean => /^\.{0,2}[/\\]|^[a-z]:/i.test(name) || name.includes('\0')

/**
 * The URL of the module that a run file names: a path inside the run file’s folder, or an npm package that is
 * installed there, in a folder above, or beside hansard itself.
 *
 * @throws PathRefused, UnreadableFile, PluginRefused
 */
export async function locatePlugin(name: string, folder: string): Promise<string> {
  if (isPath(name)) {
    const path = await containedPath(folder, name, 'plugin')
    const entry = (await stat(path)).isDirectory() ? await entryOf(path, name) : path
    return pathToFileURL(entry).href
  }
  if (!packageName.test(name)) {
    throw new PluginRefused(
      name,
      'this is neither a package name nor a path',
      'name a package, or a path that begins with ./',
    )
  }
  const found =
    packageFolderOf(name, pathToFileURL(join(folder, 'run.js'))) ?? packageFolderOf(name, import.meta.url)
  if (found === undefined) {
    throw new PluginRefused(
      name,
      'no plugin of that name comes with hansard, and no such package is installed',
      `npm install ${name}`,
    )
  }
  return pathToFileURL(await entryOf(found, name)).href
}

const packageFolderOf = (name: string, from: string | URL): string | undefined => {
  try {
    const file = findPackageJSON(name, from)
    return file === undefined ? undefined : dirname(file)
  } catch (error) {
    // Thrown where nothing of that name is installed.
    if (['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined
    }
    throw new PluginRefused(name, `it cannot be found: ${sayingOf(error)}`, `npm install ${name}`, error)
  }
}

const conditions = z.record(z.string(), z.json())
const manifestShape = z.object({ main: z.string().optional(), exports: z.json().optional() })

/** The module that a package’s folder stands for: `exports` for import, else `main`, else index.js. */
async function entryOf(folder: string, name: string): Promise<string> {
  let entry: string | undefined
  const file = join(folder, 'package.json')
  if (existsSync(file)) {
    try {
      const { exports, main } = manifestShape.parse(JSON.parse(await readFile(file, 'utf8')))
      entry = importOf(exports) ?? main
    } catch (cause) {
      throw new PluginRefused(
        name,
        `its package.json cannot be read: ${sayingOf(cause)}`,
        'mend its package.json',
        cause,
      )
    }
  }
  const candidates = entry === undefined ? ['index.js', 'index.mjs', 'index.ts'] : [entry]
  for (const candidate of candidates) {
    if (existsSync(join(folder, candidate)))
      return containedPath(folder, candidate.replace(/^\.\//, ''), 'entry of a plugin')
  }
  throw new PluginRefused(
    name,
    `its folder has no ${candidates.join(', ')}`,
    'build the plugin, or name its entry under "exports" in its package.json',
  )
}

const importOf = (exports: unknown): string | undefined => {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(importOf).find((one) => one !== undefined)
  const checked = conditions.safeParse(exports)
  if (!checked.success) return undefined
  for (const condition of ['.', 'node', 'import', 'module-sync', 'default']) {
    const target = importOf(checked.data[condition])
    if (target !== undefined) return target
  }
  return undefined
}
