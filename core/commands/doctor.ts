import { diagnose } from '../diagnosis.ts'
import { doctorPage } from '../../tui/doctor-page.ts'
import type { Session } from '../session.ts'

/** Looks at everything that a run needs. Fails where something would keep one from working. */
export const doctor = async (session: Session): Promise<number> => {
  const checks = await diagnose(session.home)
  if (session.json) session.answer({ checks })
  else session.page(doctorPage(checks, session.frame))
  return checks.some(({ state }) => state === 'bad') ? 1 : 0
}
