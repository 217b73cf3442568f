import type { Digest, EventId, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import {
  constitutionPublished,
  modelRegistered,
  principleDefined,
  runStarted,
  templateDefined,
} from '../../events/vocabulary/governance.ts'
import { evaluate, reinforce } from './fixture-reinforcement.ts'
import { compare, fitPreference, label } from './fixture-feedback.ts'
import { FixtureRecorder, nowhere, ok } from './fixture-recorder.ts'
import { behaviour, chains, fineTune, importPrompts } from './fixture-supervised.ts'

export interface FixtureSettings {
  readonly seed: number
  /** Wording of each principle by its key. */
  readonly principles: Readonly<Record<string, string>>
  readonly version: string
  /** Wordings that critiques go by where another run's policy is held; the same as `principles` where absent. */
  readonly held?: Readonly<Record<string, string>>
  readonly redTeam: number
  readonly helpful: number
  readonly rounds: number
  readonly pairs: number
  readonly comparisons: number
  readonly steps: number
  /** Groups of a step; each has four rollouts. */
  readonly groups: number
  /** The last stages may be missing, as in a run that was stopped. */
  readonly sealed: boolean
}

const defaults: FixtureSettings = {
  seed: 1,
  principles: {
    privacy: 'avoid what is prying',
    honesty: 'avoid what is untrue',
    kindness: 'prefer what is kind',
    fairness: 'prefer what is fair',
  },
  version: '1.0',
  redTeam: 8,
  helpful: 5,
  rounds: 2,
  pairs: 30,
  comparisons: 20,
  steps: 4,
  groups: 2,
  sealed: true,
}

export interface FixturePrinciple {
  readonly key: string
  readonly wording: string
  readonly event: Recorded
}

/** What stages share. */
export interface FixtureContext {
  readonly settings: FixtureSettings
  readonly recorder: FixtureRecorder
  readonly constitution: Recorded
  readonly principles: readonly FixturePrinciple[]
  /** Those that critiques go by. */
  readonly ruling: readonly FixturePrinciple[]
  readonly model: Recorded
}

export interface FixtureRun {
  readonly recorder: FixtureRecorder
  readonly settings: FixtureSettings
  /** The run's id: the recipe of its run.started. */
  readonly run: Digest
  readonly started: EventId
  readonly seal: Digest | undefined
  /** Ids by type, in the order written. */
  readonly byType: ReadonlyMap<string, readonly EventId[]>
}

/**
 * A small record of a whole run, invented but valid: every event passes its schema, every set, blob and seal is what it
 * says, the preference model is really fitted to its labels and rewards are really its values. Pure function of its settings.
 */
export const fixtureRun = (given: Partial<FixtureSettings> = {}): FixtureRun => {
  const settings = { ...defaults, ...given }
  const recorder = new FixtureRecorder()
  const context = publish(settings, recorder)
  const started = recorder.record(runStarted, {
    by: hansardBy,
    params: {
      settings: {
        seed: settings.seed,
        ...(settings.held === undefined ? {} : { hold: 'policy' }),
        critique: { rounds: settings.rounds },
        feedback: { pairs: settings.pairs },
        reinforcement: { steps: settings.steps },
      },
    },
    parents: [{ role: 'constitution', id: context.constitution.id }],
    draw: nowhere('run.started'),
    out: ok(),
  })
  recorder.run = started.recipe
  recorder.close('publish', started.id)
  const prompts = importPrompts(context)
  recorder.close('prompts', started.id)
  const revised = chains(context, prompts)
  recorder.close('critique', started.id)
  const supervised = fineTune(context, prompts, revised)
  recorder.close('supervised', started.id)
  const labels = [...label(context, prompts, supervised), ...compare(context, prompts, supervised)]
  recorder.close('feedback', started.id)
  const preference = fitPreference(context, supervised, labels)
  recorder.close('preference', started.id)
  let seal: Digest | undefined
  if (settings.sealed) {
    const snapshots = reinforce(context, prompts, supervised, preference)
    recorder.close('reinforcement', started.id)
    evaluate(context, prompts, snapshots)
    recorder.close('evaluation', started.id)
    seal = recorder.seal(started.id).event.out['seal'] as Digest
  }
  return { recorder, settings, run: started.recipe, started: started.id, seal, byType: idsByType(recorder) }
}

const idsByType = (recorder: FixtureRecorder): ReadonlyMap<string, readonly EventId[]> => {
  const ids = new Map<string, Set<EventId>>()
  for (const { recorded } of recorder.entries) {
    const { type } = recorded.event
    if (!ids.has(type)) ids.set(type, new Set())
    ids.get(type)!.add(recorded.id)
  }
  return new Map([...ids].map(([type, of]) => [type, [...of]]))
}

const publish = (settings: FixtureSettings, recorder: FixtureRecorder): FixtureContext => {
  const principles = define(recorder, settings.principles)
  const ruling = settings.held === undefined ? principles : define(recorder, settings.held)
  const constitution = recorder.record(constitutionPublished, {
    by: hansardBy,
    params: { name: 'fixture', version: settings.version },
    parents: principles.map(({ event }) => ({ role: 'principle', id: event.id })),
    draw: nowhere('constitution.published'),
    out: ok(),
  })
  const by = { plugin: 'fixture', behaviour }
  const template = recorder.record(templateDefined, {
    by,
    params: { name: 'respond', text: recorder.text('<q> {prompt} <a>') },
    parents: [],
    draw: nowhere('template.defined'),
    out: ok(),
  })
  const model = recorder.record(modelRegistered, {
    by,
    params: { name: 'fixture' },
    parents: [{ role: 'template', id: template.id }],
    draw: nowhere('model.registered'),
    out: ok({ determinism: 'exact', weights: behaviour, identity: { parameters: 42 } }),
  })
  return { settings, recorder, constitution, principles, ruling, model }
}

const define = (
  recorder: FixtureRecorder,
  wordings: Readonly<Record<string, string>>,
): readonly FixturePrinciple[] =>
  Object.entries(wordings).map(([key, wording]) => ({
    key,
    wording,
    event: recorder.record(principleDefined, {
      by: hansardBy,
      params: { key, critique: recorder.text(wording), preference: recorder.text(wording) },
      parents: [],
      draw: nowhere('principle.defined'),
      out: ok(),
    }),
  }))
