import { diffRuns } from '../../lineage/diff.ts'
import { diffPage } from '../../tui/diff-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

export const diff = (session: Session, a: string, b: string): Promise<number> =>
  atHome(session, async (home, asOf) => {
    const found = await diffRuns(home, asOf, [a, b])
    if (session.json) session.answer(found)
    else session.page(diffPage(found, session.frame))
    return 0
  })
