import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The package’s own folder, from sources as from dist/: the nearest above this file that has a package.json. */
export const packageFolder: string = (() => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
})()
