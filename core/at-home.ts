import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Home, openHome } from '../events/embedded/home.ts'
import { HansardError } from '../events/errors.ts'
import { type AsOf, project } from '../lineage/projector.ts'
import type { Session } from './session.ts'

/** A question put to a record that is not there. */
export class NoRecord extends HansardError {
  constructor(home: string) {
    super('no_record', `there is no record in ${home}`, {
      exit: 2,
      mend: 'make one with `hansard run`, or name the folder of another with --home DIR',
    })
  }
}

/** Whether a record was ever begun there; one in a Postgres of your own needs no files. */
const isThere = (folder: string): boolean =>
  existsSync(join(folder, 'home.json')) || Boolean(process.env['HANSARD_DATABASE_URL'])

/** Silence shorter than this needs no explanation. */
const sayAfter_ms = 1_500

/**
 * Opens the record for a question about it, brings the projection up to what the log holds, and closes both in the end.
 * @throws NoRecord where nothing was ever recorded there, so that a question never makes a database
 */
export const atHome = <T>(session: Session, ask: (home: Home, asOf: AsOf) => Promise<T>): Promise<T> =>
  withHome(session, async (home) => {
    const patience = setTimeout(() => {
      if (process.stderr.isTTY)
        session.remark(session.frame.paint.dim('reading what was recorded since last time …'))
    }, sayAfter_ms)
    const asOf = await project(home).finally(() => clearTimeout(patience))
    return ask(home, asOf)
  })

/** The same without the projection: for what reads the log itself. */
export const withHome = async <T>(session: Session, work: (home: Home) => Promise<T>): Promise<T> => {
  if (!isThere(session.home)) throw new NoRecord(session.home)
  const home = await openHome(session.home)
  try {
    return await work(home)
  } finally {
    await home.close()
  }
}
