import { Graph } from '../../lineage/graph.ts'
import { trace as traceReward } from '../../lineage/trace.ts'
import { tracePage } from '../../tui/trace-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

export interface TraceOptions {
  readonly against?: string
  readonly retrain?: readonly string[]
}

export const trace = (session: Session, reward: string | undefined, options: TraceOptions): Promise<number> =>
  atHome(session, async ({ pool, memo, blobs }, asOf) => {
    const graph = new Graph(pool)
    const idOf = async (given: string): Promise<string> => (await graph.resolve(given)).id
    const found = await traceReward({ memo, blobs, graph }, await idOf(reward ?? '@best'), {
      asOf,
      ...(options.against === undefined ? {} : { against: await idOf(options.against) }),
      ...(options.retrain === undefined ? {} : { retrain: options.retrain }),
    })
    if (session.json) session.answer(found)
    else session.page(tracePage(found, session.frame))
    return 0
  })
