import type { By, EventId, Recorded } from '../events/event.ts'
import { HansardError } from '../events/errors.ts'
import type { Home } from '../events/embedded/home.ts'
import { hansardBy, recordEvent } from '../events/identity.ts'
import { replayCompared } from '../events/vocabulary/audit.ts'
import { trainStarted } from '../events/vocabulary/training.ts'
import { paramsOf } from '../lineage/outcome.ts'
import { project } from '../lineage/projector.ts'
import { Graph } from '../lineage/graph.ts'
import { eventsOf } from '../lineage/record.ts'
import { findRun, type RunMembers } from '../lineage/run-members.ts'
import type { Model, Trainer } from '../plugins/api.ts'
import type { ProgressView } from '../tui/progress-types.ts'
import { Recorder } from './recorder.ts'
import type { RecordedTraining, Replayed, ReplayAccess } from './replay/training.ts'
import { replayPreference } from './replay/preference.ts'
import { replayRl } from './replay/rl.ts'
import { replaySft } from './replay/sft.ts'
import { TextReader } from './text-reader.ts'

export interface ReplayRequest {
  readonly home: Home
  readonly run: string
  readonly open: (
    started: Recorded,
  ) => Promise<{ readonly model: Model; readonly trainer: Trainer | undefined }>
  readonly view: ProgressView
  readonly signal: AbortSignal
}

/**
 * Trains everything that a run trained again, from its log alone, and compares the weights: fine-tuning on the recorded
 * set in its order, the preference model on recomputed features, RL on the recorded rollouts and rewards.
 * @throws NothingTrained, TrainerMissing, PluginChanged
 */
export const replayRun = async (
  request: ReplayRequest,
): Promise<{ readonly run: string; readonly trainings: readonly Replayed[] }> => {
  const { home, view, signal } = request
  await project(home)
  const graph = new Graph(home.pool)
  const run = await findRun(home.pool, request.run)
  const [started] = await eventsOf(home, [run.started])
  const trainings = await trainingsOf(home, graph, run)
  if (trainings.length === 0) throw new NothingTrained(run.run)
  const { model, trainer } = await request.open(started!)
  try {
    const access: ReplayAccess = {
      home,
      graph,
      texts: new TextReader(home.memo),
      model,
      signal,
      progress: (stage, done, total) =>
        view.show({ kind: 'stage', stage, title: `Replay ${stage}`, done, total, unit: 'steps' }),
    }
    const replayed: Replayed[] = []
    let policy: Uint8Array | undefined
    for (const training of trainings) {
      const { method } = paramsOf(trainStarted, training.started.event)
      if (method === 'preference') replayed.push(await replayPreference(access, training, policy))
      else if (method === 'sft') {
        const { result, bytes } = await replaySft(access, theSame(trainer, training.started), training)
        policy = bytes
        replayed.push(result)
      } else if (policy !== undefined)
        replayed.push(await replayRl(access, theSame(trainer, training.started), training, policy))
    }
    await recordResults(home, run, trainings, replayed)
    return { run: run.run, trainings: replayed }
  } finally {
    await model.close()
  }
}

const trainingsOf = async (
  home: Home,
  graph: Graph,
  run: RunMembers,
): Promise<readonly RecordedTraining[]> => {
  const nodes = await graph.byType('train.started', { run, limit: 1_000 })
  const started = await eventsOf(
    home,
    nodes.map(({ id }) => id),
  )
  const trainings = await Promise.all(
    started.map(async (one) => ({ started: one, steps: await stepsOf(home, graph, one.id) })),
  )
  const order = ({ started: { event } }: RecordedTraining): number =>
    ['sft', 'preference', 'rl'].indexOf(paramsOf(trainStarted, event).method)
  return trainings.toSorted((a, b) => order(a) - order(b))
}

/** The steps of a training, in order: each stands on the one before. */
const stepsOf = async (home: Home, graph: Graph, started: EventId): Promise<readonly Recorded[]> => {
  const ids: EventId[] = []
  for (let at = started; ;) {
    const [next] = await graph.children(at, { type: 'train.stepped', role: 'after', limit: 1 })
    if (next === undefined) break
    ids.push(next.id)
    at = next.id
  }
  return eventsOf(home, ids)
}

const recordResults = async (
  home: Home,
  run: RunMembers,
  trainings: readonly RecordedTraining[],
  results: readonly Replayed[],
) => {
  const recorder = new Recorder(home.log, home.memo)
  const written = results.map(({ stage, recorded, replayed, equal, steps }) => {
    const training = trainings.find(({ started }) => started.event.draw.subject === stage)!
    return recorder.add(
      recordEvent(replayCompared, {
        by: hansardBy,
        params: { stage },
        parents: [
          { role: 'run', id: run.started },
          { role: 'trained', id: training.steps.at(-1)!.id },
        ],
        draw: { subject: replayCompared.type, round: 0, i: 0 },
        out: { status: 'ok', recorded, replayed, equal, steps },
      }),
      [],
      { ce_time: new Date().toISOString() },
    )
  })
  await recorder.flush()
  await Promise.all(written)
}

/** The same trainer must do it again: another one's weights would prove nothing. @throws TrainerMissing, PluginChanged */
const theSame = (trainer: Trainer | undefined, { event: { by } }: Recorded): Trainer => {
  if (trainer === undefined) throw new TrainerMissing(by.plugin)
  if (by.plugin !== trainer.by.plugin || by.behaviour !== trainer.by.behaviour)
    throw new PluginChanged(by, trainer.by)
  return trainer
}

class NothingTrained extends HansardError {
  constructor(run: string) {
    super('nothing_trained', `run ${run.slice(0, 12)} trained nothing, so there is nothing to replay`, {
      exit: 2,
      mend: '`hansard runs` lists the others',
    })
  }
}

class TrainerMissing extends HansardError {
  constructor(plugin: string) {
    super('trainer_missing', `the run was trained by ${plugin}, and the run file names no trainer`, {
      exit: 2,
      mend: 'name the run file of this run',
    })
  }
}

class PluginChanged extends HansardError {
  constructor(then: By, now: By) {
    const named = ({ plugin, behaviour }: By): string => `${plugin} with behaviour ${behaviour.slice(0, 12)}`
    super('plugin_changed', `the run was trained by ${named(then)}, and here is ${named(now)}`, {
      exit: 2,
      mend: 'install the version of hansard, or of the plugin, that made the run, and replay with it',
    })
  }
}
