import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { clip, flow, wrap } from './width.ts'

/** A constitution whose principles carry the ids of their definitions. */
export interface IdentifiedConstitution {
  readonly name: string
  readonly version: string
  readonly licence?: string
  readonly author?: string
  readonly principles: readonly IdentifiedPrinciple[]
}

export interface IdentifiedPrinciple {
  readonly key: string
  readonly id: string
  readonly critique?: string
  readonly revision?: string
  readonly preference?: string
}

const heading = (constitution: IdentifiedConstitution, { columns, paint }: Frame): string => {
  const { name, version, principles, licence, author } = constitution
  const about = [
    `${principles.length} principles`,
    ...(licence ? [licence] : []),
    ...(author ? [`by ${author}`] : []),
  ]
  return clip(
    `${paint.strong(`${visible(name)} ${visible(version)}`)} · ${visible(about.join(' · '))}`,
    columns,
  )
}

export const constitutionListPage = (
  constitutions: readonly IdentifiedConstitution[],
  frame: Frame,
): string[] => [
  ...constitutions.flatMap((constitution) => [
    heading(constitution, frame),
    ...flow(
      constitution.principles.map(({ key }) => visible(key)),
      ', ',
      frame.columns - 2,
    ).map((line) => `  ${line}`),
    '',
  ]),
  ...hintLines(
    constitutions.slice(0, 1).flatMap(({ name }) => [`constitution show ${name}`, 'run --constitution FILE']),
    frame,
  ),
]

/** Texts of a principle, each once: most use one sentence for all three. */
const wordings = (
  principle: IdentifiedConstitution['principles'][number],
): { use: string; text: string }[] => {
  const uses = new Map<string, string[]>()
  for (const use of ['critique', 'revision', 'preference'] as const) {
    const text = principle[use]
    if (text !== undefined) uses.set(text, [...(uses.get(text) ?? []), use])
  }
  return [...uses].map(([text, named]) => ({ use: named.length === 3 ? '' : `${named.join(', ')}: `, text }))
}

export const constitutionPage = (constitution: IdentifiedConstitution, frame: Frame): string[] => {
  const { columns, paint } = frame
  const single = constitution.principles.every((principle) => wordings(principle).length === 1)
  const body = single
    ? tableLines(
        [
          { title: 'principle', cell: (principle) => visible(principle.key) },
          { title: 'id', cell: (principle) => paint.key(principle.id.slice(0, 8)), leaveOut: 1 },
          {
            title: 'wording',
            cell: (principle) => visible(wordings(principle)[0]?.text ?? ''),
            flexible: true,
            least: 200,
          },
        ],
        constitution.principles,
        columns,
        paint,
      )
    : constitution.principles.flatMap((principle) => [
        `${paint.strong(visible(principle.key))}  ${paint.key(principle.id.slice(0, 8))}`,
        ...wordings(principle).flatMap(({ use, text }) => wrap(`  ${use}${visible(text)}`, columns, '    ')),
      ])
  return [
    heading(constitution, frame),
    '',
    ...body,
    '',
    ...hintLines([`run --constitution ${visible(constitution.name)}`], frame),
  ]
}
