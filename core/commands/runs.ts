import { listRuns } from '../../lineage/runs.ts'
import { runsPage } from '../../tui/runs-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

export const runs = (session: Session): Promise<number> =>
  atHome(session, async (home) => {
    const found = await listRuns(home, { figures: session.json })
    if (session.json) session.answer({ runs: found })
    else session.page(runsPage(found, session.frame))
    return 0
  })
