import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Home } from '../events/embedded/home.ts'
import type { RecipeId } from '../events/event.ts'
import { constitutionalAi, type Durably } from './run.ts'
import type { Run } from './run-context.ts'
import type { Sealed } from './stages/close.ts'

/**
 * Raised when the order or the results of the workflow's steps change. An execution of another version is never
 * resumed: it is cancelled, and the next one takes its answers from the memo.
 */
const workflowVersion = 'hansard-1'
/** Of one run: DBOS hands an execution that it recovers to any process of its version, and only this one knows the run. */
const versionOf = (run: Run): string => `${workflowVersion} ${run.id.slice(0, 32)}`
/** States of an execution that somebody works on, or that DBOS has just queued to be worked on again. */
const underWay: ReadonlySet<string> = new Set(['PENDING', 'ENQUEUED', 'DELAYED'])
const schema = 'dbos'

/** DBOS tells its own story; hansard tells the run's. */
const silent = { info: () => {}, debug: () => {}, warn: () => {}, error: () => {} }

/** A database that is asked this often whether a resumed execution has ended hardly notices. */
const polling = { pollingIntervalMs: 100 }

/** The run that this process drives, and what its step failed with: DBOS hands on an error's words, not its class. */
interface Driving {
  readonly run: Run
  failed?: { readonly error: unknown }
}

let driving: Driving | undefined

const workflow = DBOS.registerWorkflow(
  async (id: RecipeId): Promise<Sealed> => {
    if (driving?.run.id !== id)
      throw new Error(`an execution of run ${id} was found by a process that drives ${driving?.run.id}`)
    return constitutionalAi(driving.run, durablyFor(driving))
  },
  { name: 'constitutional-ai' },
)

/** A step of the workflow. Where the run was asked to stop, a step never ends: it is done again next time. */
const durablyFor =
  (driven: Driving): Durably =>
  (name, step) =>
    DBOS.runStep(
      async () => {
        const { run } = driven
        await run.unlessStopped()
        try {
          return await step()
        } catch (error) {
          await run.unlessStopped()
          driven.failed = { error }
          throw error
        }
      },
      { name },
    )

/**
 * Drives a run to its seal: begins its first execution, goes on with one that was cut off, or begins the next where
 * one failed or is of another version. The caller holds the run's lock, so nobody else drives it.
 */
export const drive = async (home: Home, run: Run): Promise<Sealed> => {
  const driven: Driving = { run }
  driving = driven
  DBOS.setConfig({
    name: 'hansard',
    systemDatabaseUrl: home.url,
    systemDatabaseSchemaName: schema,
    applicationVersion: versionOf(run),
    // Executions are recovered by whoever drives their run, and by nobody else.
    executorID: run.id.slice(0, 32),
    logger: silent,
  })
  await inTurn(home, () => DBOS.launch())
  try {
    const executions = await DBOS.listWorkflows({ workflow_id_prefix: `${run.id}/` })
    const numbered = executions
      .map((one) => ({ ...one, number: Number(one.workflowID.slice(run.id.length + 1)) }))
      .toSorted((a, b) => a.number - b.number)
    const last = numbered.at(-1)
    if (last?.status === 'SUCCESS') return last.output as Sealed
    if (last !== undefined && underWay.has(last.status)) {
      if (last.applicationVersion === versionOf(run))
        return await DBOS.retrieveWorkflow<Sealed>(last.workflowID).getResult(polling)
      await DBOS.cancelWorkflow(last.workflowID)
    }
    const next = `${run.id}/${(last?.number ?? 0) + 1}`
    const handle = await DBOS.startWorkflow(workflow, { workflowID: next })(run.id)
    return await handle.getResult(polling)
  } catch (error) {
    throw driven.failed === undefined ? error : driven.failed.error
  } finally {
    if (!run.signal.aborted) await DBOS.shutdown()
  }
}

/** An arbitrary constant: the lock under which DBOS makes its tables. */
const launchLock = 4_712_031_807

/** Processes that start at once on a fresh home take turns to launch: two that make the same tables would fail. */
const inTurn = async (home: Home, launch: () => Promise<void>): Promise<void> => {
  const client = await home.pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [launchLock])
    try {
      await launch()
    } finally {
      await client.query('select pg_advisory_unlock($1)', [launchLock])
    }
  } finally {
    client.release()
  }
}
