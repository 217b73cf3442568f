import type { Json, Recorded } from '../events/event.ts'
import { hansardBy, recordEvent } from '../events/identity.ts'
import { constitutionPublished, principleDefined, runStarted } from '../events/vocabulary/governance.ts'
import type { Cast, NamedSource } from './cast.ts'
import type { Settings } from './settings.ts'
import { nowhere, ok } from './stage.ts'
import { constitutionStatement, principleStatement } from './stages/publish.ts'

/**
 * The `run.started` of settings and cast: defaults filled in, datasets and constitution by digest, each plugin with
 * its `by`. No path, URL, worker count or retention enters, so that the same run has the same id everywhere.
 */
export const identifyRun = async (settings: Settings, cast: Cast): Promise<Recorded> => {
  const principles = cast.constitution.principles.map((one) =>
    recordEvent(principleDefined, principleStatement(one)),
  )
  const constitution = recordEvent(
    constitutionPublished,
    constitutionStatement(cast.constitution, principles),
  )
  return recordEvent(runStarted, {
    by: hansardBy,
    params: { settings: await resolved(settings, cast) },
    parents: [{ role: 'constitution', id: constitution.id }],
    draw: nowhere(runStarted.type),
    out: ok(),
  })
}

const resolved = async (settings: Settings, cast: Cast): Promise<{ readonly [key: string]: Json }> => {
  const { workers: _workers, retention: _retention, constitution: _constitution, ...rest } = settings
  const { redTeam, helpful, heldOutRedTeam, heldOutHelpful, comparisons, items } = cast.sources
  const { prompts, helpfulness, evaluation } = rest
  const all = {
    ...rest,
    ...(cast.held === undefined ? {} : { hold: { policy: cast.held.run } }),
    model: { ...cast.model.by },
    judge: { ...cast.judge.by },
    trainer: cast.trainer ? { ...cast.trainer.by } : false,
    scorer: cast.scorer ? { ...cast.scorer.by } : false,
    raters: cast.raters ? { ...cast.raters.by } : false,
    prompts: {
      ...prompts,
      red_team: await digests(redTeam),
      helpful: await digests(helpful),
      held_out_red_team: await digests(heldOutRedTeam),
      held_out_helpful: await digests(heldOutHelpful),
    },
    helpfulness: helpfulness === false ? false : { ...helpfulness, dataset: await digests(comparisons) },
    evaluation: evaluation === false ? false : { ...evaluation, items: await digests(items) },
  }
  // Optional fields that are absent are `undefined` here, and have no place in canonical JSON.
  return JSON.parse(JSON.stringify(all)) as { readonly [key: string]: Json }
}

const digests = async (sources: readonly NamedSource[]): Promise<Json> =>
  Promise.all(
    sources.map(async ({ name, source, licence }) => ({
      name,
      ...(licence === undefined ? {} : { licence }),
      by: { ...source.by },
      format: source.format,
      digest: await source.digest(),
    })),
  )
