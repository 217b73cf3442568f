import { rebuild as rebuildProjection } from '../../lineage/rebuild.ts'
import { rebuildPage } from '../../tui/rebuild-page.ts'
import { withHome } from '../at-home.ts'
import { interruptible } from '../interruption.ts'
import type { Session } from '../session.ts'

/** Makes again, from the log alone, what questions are answered from; exits with 3 where it comes out otherwise. */
export const rebuild = (session: Session): Promise<number> =>
  withHome(session, async (home) => {
    const started = performance.now()
    const interruption = interruptible(() => undefined)
    try {
      const rebuilt = await rebuildProjection(home, interruption.signal)
      if (session.json) session.answer(rebuilt)
      else session.page(rebuildPage(rebuilt, (performance.now() - started) / 1000, session.frame))
      return rebuilt.equal === false ? 3 : 0
    } finally {
      interruption.dispose()
    }
  })
