import type { RecipeId, Recorded } from '../events/event.ts'
import { HansardError } from '../events/errors.ts'
import type { Home } from '../events/embedded/home.ts'
import { constitutionPublished, principleDefined, runStarted } from '../events/vocabulary/governance.ts'
import { paramsOf } from '../lineage/outcome.ts'
import { Graph } from '../lineage/graph.ts'
import { project } from '../lineage/projector.ts'
import { eventsOf, theParent } from '../lineage/record.ts'
import { findRun, type RunMembers } from '../lineage/run-members.ts'
import type { Constitution, Principle } from '../plugins/api.ts'
import type { Held } from './cast.ts'

const page = 5_000

/**
 * The run whose policy, pairs and rollouts another run holds: its constitution from the record, word for word, and its
 * rewards of rollouts.
 * @param given id of the run, or undefined for the last one that is sealed; one that itself holds a policy names its maker
 * @throws NothingToHold
 */
export const holdRun = async (home: Home, given: string | undefined): Promise<Held> => {
  await project(home)
  const graph = new Graph(home.pool)
  const named = given === undefined ? await lastSealed(graph) : await findRun(home.pool, given)
  if (named?.sealed === undefined) throw new NothingToHold(given)
  const { run, started } = await makerOf(home, named)
  const rewards: string[] = []
  for (let after = 0; ;) {
    const nodes = await graph.byType('reward.scored', { run, after, limit: page })
    if (nodes.length === 0) break
    after = nodes.at(-1)!.seq
    const events = await eventsOf(
      home,
      nodes.map(({ id }) => id),
    )
    const answers = await graph.nodes(events.map((event) => theParent(event, 'answer')))
    events.forEach(({ id }, k) => {
      if (answers[k]?.type === 'rollout.drawn') rewards.push(id)
    })
  }
  return { run: run.run, constitution: await constitutionOf(home, started), rewards: rewards.toSorted() }
}

/** The run that made the policy: one that holds another's policy made none, and stands for that other one. */
const makerOf = async (
  home: Home,
  run: RunMembers,
): Promise<{ readonly run: RunMembers; readonly started: Recorded }> => {
  const [started] = await eventsOf(home, [run.started])
  const { hold } = paramsOf(runStarted, started!.event).settings
  if (hold === undefined) return { run, started: started! }
  return makerOf(home, await findRun(home.pool, (hold as { readonly policy: RecipeId }).policy))
}

const lastSealed = async (graph: Graph): Promise<RunMembers | undefined> => {
  let after = 0
  let last: string | undefined
  for (;;) {
    const nodes = await graph.byType('run.sealed', { after, limit: page })
    if (nodes.length === 0) break
    after = nodes.at(-1)!.seq
    last = nodes.at(-1)!.id
  }
  if (last === undefined) return undefined
  const [started] = await graph.parents(last, 'run')
  return findRun(graph.pool, started!.parent)
}

/** The constitution of a run as its record has it. */
export const constitutionOf = async (home: Home, started: Recorded): Promise<Constitution> => {
  const [published] = await eventsOf(home, [theParent(started, 'constitution')])
  const { name, version, licence, author } = paramsOf(constitutionPublished, published!.event)
  const defined = await eventsOf(
    home,
    published!.event.parents.map(({ id }) => id),
  )
  const principles: Principle[] = []
  for (const { id, event } of defined) {
    const { key, ...texts } = paramsOf(principleDefined, event)
    const wording: Record<string, string> = {}
    for (const [field, ref] of Object.entries(texts)) {
      const [text] = await home.memo.texts(ref === undefined ? [] : [ref.digest])
      if (text === undefined) throw new WordingGone(id, field)
      wording[field] = text
    }
    principles.push({ key, ...wording })
  }
  return {
    name,
    version,
    ...(licence === undefined ? {} : { licence }),
    ...(author === undefined ? {} : { author }),
    principles,
  }
}

class NothingToHold extends HansardError {
  constructor(given: RecipeId | undefined) {
    super(
      'nothing_to_hold',
      given === undefined
        ? 'no run here is sealed yet, so there is no policy to hold'
        : `run ${given.slice(0, 12)} is not sealed yet`,
      { exit: 2, mend: 'let a run come to its end first (`hansard run`), then change its constitution' },
    )
  }
}

class WordingGone extends HansardError {
  constructor(principle: string, field: string) {
    super('text_erased', `the ${field} text of principle ${principle.slice(0, 12)} is not stored`, {
      exit: 1,
      mend: 'it was erased, or the log was copied without its texts',
    })
  }
}
