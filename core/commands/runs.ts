import { listRuns } from '../../lineage/runs.ts'
import { runsPage } from '../../tui/runs-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'
import { showRunPage } from './run-page.ts'

/** Lists the runs, or shows the last page of one. */
export const runs = (session: Session, run: string | undefined): Promise<number> =>
  run === undefined
    ? atHome(session, async (home) => {
        const found = await listRuns(home, { figures: session.json })
        if (session.json) session.answer({ runs: found })
        else session.page(runsPage(found, session.frame))
        return 0
      })
    : showRunPage(session, run)
