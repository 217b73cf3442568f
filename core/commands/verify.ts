import { verify as verifyRecord } from '../../lineage/verify.ts'
import { openProgress } from '../../tui/progress.ts'
import { verifyPage } from '../../tui/verify-page.ts'
import { withHome } from '../at-home.ts'
import { interruptible } from '../interruption.ts'
import type { Session } from '../session.ts'

/** Computes every hash, set and seal again; exits with 3 where anything is not what it should be. */
export const verify = (session: Session): Promise<number> =>
  withHome(session, async (home) => {
    const started = performance.now()
    const view = openProgress(process.stderr, { plain: false, color: session.color, now: Date.now })
    const interruption = interruptible(() => undefined)
    try {
      const found = await verifyRecord(home, {
        signal: interruption.signal,
        onProgress: (done, total) =>
          view.show({ kind: 'stage', stage: 'verify', title: 'Verify', done, total, unit: 'records' }),
      })
      view.finish()
      if (session.json) session.answer(found)
      else session.page(verifyPage(found, (performance.now() - started) / 1000, session.frame))
      return found.badTotal === 0 ? 0 : 3
    } finally {
      view.finish()
      interruption.dispose()
    }
  })
