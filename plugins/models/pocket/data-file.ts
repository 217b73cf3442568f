import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MissingDataFile } from './errors.ts'

const FOLDER = ['plugins', 'models', 'pocket']

/**
 * The path of a data file of this plugin, such as `kernel/kernel.wasm`. Data files are not compiled to
 * dist/, so both the sources and dist/ find them from the package's root.
 */
export function dataFile(...name: string[]): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, ...FOLDER, ...name)
    if (existsSync(join(folder, 'package.json')) && existsSync(path)) return path
    if (dirname(folder) === folder) throw new MissingDataFile(join(...FOLDER, ...name))
  }
}
