import type { Home } from '../events/embedded/home.ts'
import { hansardBy, recordEvent } from '../events/identity.ts'
import { numOf } from '../events/texts.ts'
import { attributionRetrained } from '../events/vocabulary/audit.ts'
import type { Trace } from '../lineage/trace-types.ts'
import { Recorder } from './recorder.ts'

/** Puts on record what refitting without labels gave: an audit, which no seal covers. */
export const recordRetrained = async (
  home: Home,
  { reward, reference, difference, preferenceModel, retrained }: Trace,
): Promise<void> => {
  if (preferenceModel === undefined || retrained.length === 0) return
  const recorder = new Recorder(home.log, home.memo)
  const written = retrained.map(({ without, difference: remains, newton }) =>
    recorder.add(
      recordEvent(attributionRetrained, {
        by: hansardBy,
        params: { without },
        parents: [
          { role: 'answer', id: reward.id },
          { role: 'preference_model', id: preferenceModel.id },
          ...reference.rewards.map((id) => ({ role: 'reference', id })),
        ],
        draw: { subject: attributionRetrained.type, round: 0, i: 0 },
        out: { status: 'ok', difference: numOf(difference), without: numOf(remains), newton: numOf(newton) },
      }),
      [],
      { ce_time: new Date().toISOString() },
    ),
  )
  await recorder.flush()
  await Promise.all(written)
}
