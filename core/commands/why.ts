import { Graph } from '../../lineage/graph.ts'
import { why as whyAnswer } from '../../lineage/why.ts'
import { whyPage } from '../../tui/why-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

export interface WhyCommandOptions {
  readonly retrain?: readonly string[]
}

export const why = (session: Session, rollout: string, { retrain }: WhyCommandOptions): Promise<number> =>
  atHome(session, async ({ pool, memo, blobs }, asOf) => {
    const graph = new Graph(pool)
    const { id } = await graph.resolve(rollout)
    const found = await whyAnswer({ memo, blobs, graph }, id, {
      asOf,
      ...(retrain === undefined ? {} : { retrain }),
    })
    if (session.json) session.answer(found)
    else session.page(whyPage(found, session.frame))
    return 0
  })
