import { openProgress } from '../../tui/progress.ts'
import { replayPage } from '../../tui/replay-page.ts'
import { withHome } from '../at-home.ts'
import { interruptible } from '../interruption.ts'
import { replayCommand } from '../replay-command.ts'
import type { Session } from '../session.ts'

export interface ReplayOptions {
  readonly file?: string
  readonly workers?: number
  readonly plain?: boolean
}

/** Trains again from the log alone; exits with 3 where any weights come out otherwise. */
export const replay = (session: Session, run: string, options: ReplayOptions): Promise<number> =>
  withHome(session, async (home) => {
    const view = openProgress(process.stderr, {
      plain: options.plain === true,
      color: session.color,
      now: Date.now,
    })
    const interruption = interruptible(() => view.show({ kind: 'notice', line: 'stopping' }))
    try {
      const { file, workers } = options
      const replayed = await replayCommand({ home, run, file, workers, view, signal: interruption.signal })
      view.finish()
      if (session.json) session.answer(replayed)
      else session.page(replayPage(replayed, session.frame))
      return replayed.trainings.every(({ equal }) => equal) ? 0 : 3
    } finally {
      view.finish()
      interruption.dispose()
    }
  })
