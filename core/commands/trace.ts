import { Graph } from '../../lineage/graph.ts'
import { trace as traceReward } from '../../lineage/trace.ts'
import { picksPage } from '../../tui/picks-page.ts'
import { tracePage } from '../../tui/trace-page.ts'
import { atHome } from '../at-home.ts'
import { recordRetrained } from '../record-retrained.ts'
import type { Session } from '../session.ts'
import { isAlias, picksOfRun, rewardedRun, rewardOfAlias } from '../worth-a-trace.ts'

export interface TraceOptions {
  readonly against?: string
  readonly retrain?: readonly string[]
  readonly run?: string
}

/** Explains a reward; without one, lists what is worth it. */
export const trace = (
  session: Session,
  reward: string | undefined,
  { against, retrain, run }: TraceOptions,
): Promise<number> =>
  atHome(session, async (home, asOf) => {
    const { pool, memo, blobs } = home
    const access = { memo, blobs, graph: new Graph(pool) }
    const idOf = async (given: string): Promise<string> =>
      isAlias(given)
        ? rewardOfAlias(access, given, await rewardedRun(access, run))
        : (await access.graph.resolve(given)).id
    if (reward === undefined) {
      const rewarded = await rewardedRun(access, run)
      const picks = await picksOfRun(access, rewarded)
      if (session.json) session.answer({ run: rewarded.run.run, picks })
      else session.page(picksPage(rewarded.run.run, picks, session.frame))
      return 0
    }
    const found = await traceReward(access, await idOf(reward), {
      asOf,
      ...(against === undefined ? {} : { against: await idOf(against) }),
      ...(retrain === undefined ? {} : { retrain }),
    })
    await recordRetrained(home, found)
    if (session.json) session.answer(found)
    else session.page(tracePage(found, session.frame))
    return 0
  })
