import type { Digest, EventId } from '../events/event.ts'
import type { Model, Policy } from '../plugins/api.ts'
import type { Run } from './run-context.ts'

/** A policy by its names in the record. JSON: stages hand it on through the workflow's steps. */
export interface PolicyRef {
  /** The `model.registered`, `train.started` or `train.stepped` whose weights these are. */
  readonly event: EventId
  /** The blob that holds the weights; absent for a model as it was registered. */
  readonly blob?: Digest
  /** The `checkpoint.saved` that names the blob. */
  readonly checkpoint?: EventId
}

const opened = new WeakMap<Run, Map<string, Promise<Policy>>>()

/** Opens a policy of the run's model (or of its judge), once. */
export const openPolicy = (run: Run, ref: PolicyRef, model: Model = run.cast.model): Promise<Policy> => {
  const policies = opened.get(run) ?? new Map<string, Promise<Policy>>()
  opened.set(run, policies)
  if (ref.blob === undefined) return Promise.resolve(model.base)
  const { blob } = ref
  const key = blob
  const known = policies.get(key)
  if (known) return known
  const policy = run.blobs.get(blob).then((bytes) => model.at({ bytes }))
  policies.set(key, policy)
  return policy
}
