import { resolve } from 'node:path'
import { type ExportKind, exportRun } from '../../lineage/export.ts'
import { findRun } from '../../lineage/run-members.ts'
import { hintLines } from '../../tui/hints.ts'
import { shortId } from '../../tui/ids.ts'
import { byteSize, counted } from '../../tui/numbers.ts'
import { openProgress } from '../../tui/progress.ts'
import { visible } from '../../tui/visible.ts'
import { wrap } from '../../tui/width.ts'
import { atHome } from '../at-home.ts'
import { interruptible } from '../interruption.ts'
import type { Session } from '../session.ts'

export interface ExportOptions {
  readonly to: 'parquet'
  readonly what: ExportKind
  readonly out?: string
}

/** Writes what a run made as a file that trainers read; streams, and replaces a file whole or not at all. */
export const exportFile = (
  session: Session,
  run: string,
  { to, what, out }: ExportOptions,
): Promise<number> =>
  atHome(session, async (home) => {
    const { run: id } = await findRun(home.pool, run)
    const file = out ?? `${shortId(id)}-${what}.${to}`
    const view = openProgress(process.stderr, { plain: false, color: session.color, now: Date.now })
    const interruption = interruptible(() => undefined)
    try {
      const exported = await exportRun(
        home,
        { run: id, what, file: resolve(file) },
        {
          signal: interruption.signal,
          onProgress: (rows) =>
            view.show({
              kind: 'stage',
              stage: 'export',
              title: 'Export',
              done: rows,
              total: 0,
              unit: 'rows',
            }),
        },
      )
      view.finish()
      const left =
        exported.erased > 0 ? `, ${counted(exported.erased, 'rows')} left out whose text was erased` : ''
      if (session.json) session.answer(exported)
      else
        session.page([
          ...wrap(
            `${counted(exported.rows, 'rows')} of ${what} are in ${visible(file)} (${byteSize(exported.bytes)}, sha-256 ${shortId(exported.digest)}…)${left}`,
            session.frame.columns,
            '  ',
          ),
          ...hintLines([`show ${shortId(exported.event)}`], session.frame),
        ])
      return 0
    } finally {
      view.finish()
      interruption.dispose()
    }
  })
