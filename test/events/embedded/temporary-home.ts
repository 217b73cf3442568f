import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeHome } from '../../../events/embedded/remove-home.ts'

/** A folder for a home that is not there yet, and what removes it, its server and what it keeps elsewhere. */
export const temporaryHome = (): { readonly folder: string; readonly remove: () => Promise<void> } => {
  const parent = mkdtempSync(join(tmpdir(), 'hansard-test-'))
  const folder = join(parent, 'home')
  return {
    folder,
    remove: async () => {
      await removeHome(folder)
      await rm(parent, { recursive: true, force: true })
    },
  }
}
