import { resolve } from 'node:path'
import { openHome } from '../../events/embedded/home.ts'
import { backup as writeBackup } from '../../events/postgres/backup.ts'
import { restore as readBackup } from '../../events/postgres/restore.ts'
import { hintLines } from '../../tui/hints.ts'
import { byteSize, counted } from '../../tui/numbers.ts'
import { visible } from '../../tui/visible.ts'
import { withHome } from '../at-home.ts'
import type { Session } from '../session.ts'

const contents = ({ records, texts, blobs }: { records: number; texts: number; blobs: number }): string =>
  `${counted(records, 'events')}, ${counted(texts, 'texts')} and ${counted(blobs, 'files')}`

/** Writes records, texts and blobs into one file, also beside a run. */
export const backup = (session: Session, file: string): Promise<number> =>
  withHome(session, async (home) => {
    const path = resolve(file)
    const written = await writeBackup(home, path)
    if (session.json) session.answer({ file: path, ...written })
    else
      session.page([
        `${contents(written)} are in ${visible(file)} (${byteSize(written.bytes)})`,
        ...hintLines([`restore ${visible(file)} --home ANOTHER`], session.frame),
      ])
    return 0
  })

/** Fills an empty home from a backup; every record, text and blob is checked against its digest. */
export const restore = async (session: Session, file: string): Promise<number> => {
  const home = await openHome(session.home)
  try {
    const restored = await readBackup(home, resolve(file))
    if (session.json) session.answer({ home: session.home, ...restored })
    else
      session.page([
        `${contents(restored)} are restored in ${visible(session.home)}`,
        ...hintLines(['verify', 'runs'], session.frame),
      ])
    return 0
  } finally {
    await home.close()
  }
}
