import { chownSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeHome } from '../../../events/embedded/remove-home.ts'

export interface TemporaryHome {
  /** A folder that is not there yet, in one that is closed to all but its user. */
  readonly folder: string
  /** Removes the home, its server and what it keeps elsewhere. */
  readonly remove: () => Promise<void>
  /** Gives the parent folder to another user. */
  readonly openTo: (uid: number, gid: number) => void
}

export const temporaryHome = (name = 'home'): TemporaryHome => {
  const parent = mkdtempSync(join(tmpdir(), 'hansard-test-'))
  const folder = join(parent, name)
  return {
    folder,
    remove: async () => {
      await removeHome(folder)
      await rm(parent, { recursive: true, force: true })
    },
    openTo: (uid, gid) => chownSync(parent, uid, gid),
  }
}
