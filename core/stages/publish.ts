import type { EventId, Json, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import type { TextRecord } from '../../events/log.ts'
import {
  constitutionPublished,
  modelRegistered,
  principleDefined,
  templateDefined,
} from '../../events/vocabulary/governance.ts'
import type { Constitution, Model, Principle } from '../../plugins/api.ts'
import { textRecord } from '../ask.ts'
import { nowhere, ok, type Stage, type Statement } from '../stage.ts'

/** A constitution in the record: principle keys in its order, and the ids of their definitions. */
export interface PublishedConstitution {
  readonly constitution: EventId
  readonly principles: readonly { readonly key: string; readonly id: EventId }[]
}

export interface Published extends PublishedConstitution {
  readonly model: EventId
  readonly judge: EventId
  /** The constitution under which the held policy was made, where the run holds one. */
  readonly held?: PublishedConstitution
}

export const principleStatement = (principle: Principle): Statement => {
  const texts: TextRecord[] = []
  const params: Record<string, Json> = { key: principle.key }
  for (const field of ['critique', 'revision', 'preference'] as const) {
    const wording = principle[field]
    if (wording === undefined) continue
    const record = textRecord(wording)
    texts.push(record)
    params[field] = { ...record.ref }
  }
  return { by: hansardBy, params, parents: [], draw: nowhere('principle.defined'), out: ok(), texts }
}

export const definePrinciples = (
  stage: Stage,
  principles: readonly Principle[],
): Promise<readonly Recorded[]> => stage.state(principleDefined, principles.map(principleStatement))

export const constitutionStatement = (
  constitution: Constitution,
  principles: readonly Recorded[],
): Statement => {
  const { name, version, licence, author } = constitution
  return {
    by: hansardBy,
    params: {
      name,
      version,
      ...(licence === undefined ? {} : { licence }),
      ...(author === undefined ? {} : { author }),
    },
    parents: principles.map(({ id }) => ({ role: 'principle', id })),
    draw: nowhere('constitution.published'),
    out: ok(),
  }
}

const registerModel = async (stage: Stage, model: Model): Promise<Recorded> => {
  const templates = await stage.state(
    templateDefined,
    model.templates.map(({ name, text }) => {
      const record = textRecord(text)
      return {
        by: model.by,
        params: { name, text: { ...record.ref } },
        parents: [],
        draw: nowhere('template.defined'),
        out: ok(),
        texts: [record],
      }
    }),
  )
  return stage.stateOne(modelRegistered, {
    by: model.by,
    params: { name: model.name },
    parents: templates.map(({ id }) => ({ role: 'template', id })),
    draw: nowhere('model.registered'),
    out: ok({ determinism: model.determinism, weights: model.weights, identity: model.identity }),
  })
}

const publishConstitution = async (
  stage: Stage,
  constitution: Constitution,
): Promise<PublishedConstitution> => {
  const principles = await definePrinciples(stage, constitution.principles)
  const published = await stage.stateOne(
    constitutionPublished,
    constitutionStatement(constitution, principles),
  )
  return {
    constitution: published.id,
    principles: principles.map(({ id }, k) => ({ key: constitution.principles[k]!.key, id })),
  }
}

/** Puts on record what the run rests on: the constitution and its principles, the model and its judge. */
export const publish = async (stage: Stage): Promise<Published> => {
  const { run } = stage
  const { constitution, held, model, judge } = run.cast
  const published = await publishConstitution(stage, constitution)
  await run.recordAll([stage.use(run.started)])
  const registered = await registerModel(stage, model)
  const judging = judge === model ? registered : await registerModel(stage, judge)
  return {
    ...published,
    model: registered.id,
    judge: judging.id,
    ...(held === undefined ? {} : { held: await publishConstitution(stage, held.constitution) }),
  }
}
