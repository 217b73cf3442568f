import { identifyRun } from '../identify-run.ts'
import { holdRun } from '../hold.ts'
import { openCast } from '../open-cast.ts'
import { type RunRequest, type RunResult, runCommand } from '../run-command.ts'
import { readRunFile } from '../run-file.ts'
import { openHome } from '../../events/embedded/home.ts'
import { forecastPage } from '../../tui/forecast-page.ts'
import { uncoloured } from '../../tui/paint.ts'
import { openProgress } from '../../tui/progress.ts'
import type { ProgressView } from '../../tui/progress-types.ts'
import { shortId } from '../../tui/ids.ts'
import { visible } from '../../tui/visible.ts'
import { startDetached } from '../detach.ts'
import { interruptible } from '../interruption.ts'
import type { Session } from '../session.ts'
import { showRunPage } from './run-page.ts'

export interface RunOptions {
  readonly constitution?: string
  readonly hold?: string
  readonly seed?: number
  readonly workers?: number
  readonly detach?: boolean
  readonly dryRun?: boolean
  readonly plain?: boolean
  readonly json?: boolean
}

/** `policy`, or `policy:RUN` for the policy of a run that is not the last. */
const holdOf = (hold: string | undefined): RunRequest['hold'] =>
  hold === undefined ? undefined : { run: hold.split(':')[1] }

export const run = async (
  session: Session,
  file: string | undefined,
  options: RunOptions,
): Promise<number> => {
  const wanted = {
    home: session.home,
    file,
    constitution: options.constitution,
    seed: options.seed,
    workers: options.workers,
    hold: holdOf(options.hold),
  }
  if (options.detach === true) return detached(session, wanted)
  const view = openProgress(process.stderr, {
    plain: options.plain === true,
    color: session.color,
    now: Date.now,
  })
  const interruption = interruptible(() =>
    view.show({ kind: 'notice', line: 'stopping: what was answered is kept; Ctrl-C again ends at once' }),
  )
  let result: RunResult | undefined
  try {
    view.show({ kind: 'notice', line: `the record is in ${session.home}` })
    result = await runCommand({
      ...wanted,
      foresee: foreseen(session, options, view),
      view,
      signal: interruption.signal,
    })
  } finally {
    view.finish()
    interruption.dispose()
  }
  if (result !== undefined) return done(session, result)
  if (!interruption.signal.aborted) return 0
  session.remark(`stopped. Nothing that was answered is lost; to go on: ${sameCommand(session)}`)
  // Steps that were told to stop never end, and hold the process.
  return process.exit(130)
}

/** A new constitution, or a held policy, changes what is asked: that is said before anything is. */
const foreseen = (session: Session, options: RunOptions, view: ProgressView): RunRequest['foresee'] => {
  if (options.constitution === undefined && options.hold === undefined && options.dryRun !== true)
    return undefined
  return async (forecast) => {
    for (const line of forecastPage(forecast, { ...session.frame, paint: uncoloured }))
      view.show({ kind: 'notice', line })
    return options.dryRun !== true
  }
}

const done = async (session: Session, result: RunResult): Promise<number> => {
  const { run: id, seal, events, modelCalls, seconds } = result
  if (session.json) session.line({ run: id, seal, events, modelCalls, seconds })
  else await showRunPage(session, id, { seconds, modelCalls })
  return 0
}

/** What to type to go on, as it was typed. */
const sameCommand = (session: Session): string => {
  if (process.env['npm_lifecycle_event'] === 'start') return 'npm start'
  const [name = 'hansard'] = session.frame.command.split(' --home ')
  const words = process.argv
    .slice(2)
    .map((word) => (/^[\w./:@=+-]+$/.test(word) ? word : `'${visible(word)}'`))
  return [name, ...words].join(' ')
}

/** The id that the run will have: its log is named after it. */
const identify = async (wanted: Omit<RunRequest, 'view' | 'signal'>): Promise<string> => {
  const file = await readRunFile(wanted.file)
  const settings = { ...file.settings, ...(wanted.seed === undefined ? {} : { seed: wanted.seed }) }
  const cast = await openCast({ ...file, settings }, { ...wanted, notice: () => undefined })
  try {
    if (wanted.hold === undefined) return (await identifyRun(settings, cast)).recipe
    const home = await openHome(wanted.home)
    try {
      return (await identifyRun(settings, { ...cast, held: await holdRun(home, wanted.hold.run) })).recipe
    } finally {
      await home.close()
    }
  } finally {
    await cast.close()
  }
}

const detached = async (session: Session, wanted: Omit<RunRequest, 'view' | 'signal'>): Promise<number> => {
  const id = await identify(wanted)
  const args = process.argv.slice(2).filter((word) => word !== '--detach')
  const started = await startDetached(session.home, id, [...args, '--plain'])
  if ('said' in started) {
    for (const line of started.said.split('\n')) session.remark(visible(line))
    return started.exit
  }
  session.page([
    `run ${shortId(id)} goes on in the background, as process ${started.pid}`,
    `follow  tail -f ${started.log}`,
    `stop    kill -INT ${started.pid}   (the same command goes on later)`,
    `then    ${session.frame.command} runs`,
  ])
  return 0
}
