import { showEvent } from '../../lineage/show.ts'
import { eventPage } from '../../tui/event-page.ts'
import { atHome } from '../at-home.ts'
import type { Session } from '../session.ts'

/** Shows one event; exits with 3 where its bytes are not those of its id. */
export const show = (session: Session, id: string): Promise<number> =>
  atHome(session, async (home, asOf) => {
    const shown = await showEvent(home, asOf, id)
    if (session.json) session.answer(shown)
    else session.page(eventPage(shown, session.frame))
    return shown.hash.equal ? 0 : 3
  })
