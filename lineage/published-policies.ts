import type { EventId, Recorded } from '../events/event.ts'
import { policyPublished } from '../events/vocabulary/reinforcement.ts'
import { eventsOfType } from './evaluation/run-events.ts'
import { paramsOf } from './outcome.ts'
import { eventsOf, theParent, type RecordAccess } from './record.ts'
import type { RunMembers } from './run-members.ts'

/** A policy that was published under a name, and where it stands in its training. */
export interface PublishedPolicy {
  readonly id: EventId
  readonly name: string
  readonly policy: EventId
  /** Subject of its training's acts, and the step whose weights it has. */
  readonly subject: string
  readonly step: number
}

/** More than anybody publishes. */
const most = 100_000

/** Published policies of a run (of all, where none is named), in the order in which the projection met them. */
export const publishedPolicies = async (
  access: RecordAccess,
  run: RunMembers | undefined,
): Promise<readonly PublishedPolicy[]> => {
  const published = await (run === undefined
    ? allPublished(access)
    : eventsOfType(access, run, policyPublished.type))
  const policies = await eventsOf(
    access,
    published.map((event) => theParent(event, 'policy')),
  )
  return published.map((event, at) => ({
    id: event.id,
    name: paramsOf(policyPublished, event.event).name,
    policy: policies[at]!.id,
    subject: policies[at]!.event.draw.subject,
    step: policies[at]!.event.draw.round,
  }))
}

const allPublished = async (access: RecordAccess): Promise<readonly Recorded[]> => {
  const nodes = await access.graph.byType(policyPublished.type, { limit: most })
  return eventsOf(
    access,
    nodes.map(({ id }) => id),
  )
}
