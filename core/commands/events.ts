import { listEvents } from '../../lineage/events-query.ts'
import { eventsPage } from '../../tui/events-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

export interface EventsOptions {
  readonly run?: string
  readonly type?: string
  readonly limit: number
}

export const events = (session: Session, options: EventsOptions): Promise<number> =>
  atHome(session, async (home) => {
    const listing = await listEvents(home, options)
    if (session.json) session.answer(listing)
    else session.page(eventsPage(listing, options, session.frame))
    return 0
  })
