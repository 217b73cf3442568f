import { relative } from 'node:path'
import { runPage as pageOf } from '../../lineage/evaluation/page.ts'
import { Graph } from '../../lineage/graph.ts'
import { findRun } from '../../lineage/run-members.ts'
import { runPage } from '../../tui/run-page.ts'
import { atHome } from '../at-home.ts'
import { publishedSeals } from '../published-seals.ts'
import type { Session } from '../session.ts'

/** What the command knows that has just made the run. */
export interface JustNow {
  readonly seconds: number
  readonly modelCalls: number
}

const shownHome = (home: string): string => {
  const near = relative(process.cwd(), home)
  return near.startsWith('..') ? home : `${near}/`
}

/** The last page of a run, from the record alone. */
export const showRunPage = (session: Session, run: string, justNow?: JustNow): Promise<number> =>
  atHome(session, async ({ pool, memo, blobs }, asOf) => {
    const page = await pageOf({ memo, blobs, graph: new Graph(pool) }, await findRun(pool, run), asOf)
    const published = publishedSeals[page.run.id]
    if (session.json) session.answer(page)
    else
      session.page(
        runPage(
          page,
          { home: shownHome(session.home), ...justNow, ...(published === undefined ? {} : { published }) },
          session.frame,
        ),
      )
    return 0
  })
