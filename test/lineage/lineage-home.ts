import { afterAll, beforeAll } from 'vitest'
import { type Home, openHome } from '../../events/embedded/home.ts'
import { temporaryHome } from '../events/embedded/temporary-home.ts'

/** A home for the tests of one file, with a real embedded Postgres; there from `beforeAll` on. */
export const useHome = (): { readonly home: Home } => {
  const { folder, remove } = temporaryHome()
  const held: { home: Home } = { home: undefined as never }
  beforeAll(async () => {
    held.home = await openHome(folder, { idle_ms: 60_000 })
  })
  afterAll(async () => {
    await held.home.close()
    await remove()
  })
  return held
}
