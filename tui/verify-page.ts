import type { Finding, Verification } from '../lineage/verify-types.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, grouped } from './numbers.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'

const mostFindings = 20

/** Where something stands: topic, partition and offset, and the id that is concerned. */
const place = ({ topic, partition, offset, id }: Finding): string =>
  [
    ...(topic === undefined ? [] : [`${visible(topic)} ${partition ?? '?'}:${offset ?? '?'}`]),
    ...(id === undefined ? [] : [shortId(id)]),
  ].join(' ')

const findingLines = (finding: Finding, { columns, paint }: Frame): string[] =>
  wrap(` ${paint.bad(finding.kind)} ${paint.key(place(finding))}  ${visible(finding.what)}`, columns, '   ')

/** What was computed again, what was found, and what that proves and does not. */
export const verifyPage = (found: Verification, seconds: number, frame: Frame): string[] => {
  const { columns, paint } = frame
  const { bad, badTotal, runs } = found
  const read = [
    `${counted(found.records, 'records')} read in ${seconds.toFixed(1)} s`,
    `${counted(found.events, 'events')}, ${counted(found.texts, 'texts')} and ${counted(found.blobs, 'files')} hashed and right`,
    ...(found.diverged > 0 ? [`${counted(found.diverged, 'second answers')}, counted nowhere`] : []),
    ...(found.opaque > 0 ? [`${grouped(found.opaque)} of unknown types`] : []),
    ...(found.released > 0 ? [`${counted(found.released, 'checkpoints')} released by retention`] : []),
  ]
  return [
    ...(badTotal === 0
      ? wrap(paint.good('VERIFIED: every hash, set and seal is right, nothing is missing'), columns)
      : [paint.bad(`NOT VERIFIED: ${counted(badTotal, 'findings')}`)]),
    ...flow(read, ' · ', columns, '  '),
    ...runs.map(
      ({ run, seal, ok }) =>
        ` run ${shortId(run)}  seal ${paint.key(shortId(seal))}…  ${ok ? paint.good('right') : paint.bad('NOT the root of its events')}`,
    ),
    ...(badTotal === 0
      ? []
      : [
          '',
          paint.strong('FOUND'),
          ...bad.slice(0, mostFindings).flatMap((finding) => findingLines(finding, frame)),
          ...(badTotal > mostFindings
            ? [paint.dim(` and ${grouped(badTotal - mostFindings)} more: --json has them`)]
            : []),
        ]),
    '',
    paint.strong('THIS PROVES'),
    ...found.proves.flatMap((line) => wrap(` - ${visible(line)}`, columns, '   ')),
    paint.strong('THIS DOES NOT PROVE'),
    ...found.doesNotProve.flatMap((line) => wrap(` - ${visible(line)}`, columns, '   ')),
    '',
    ...hintLines(
      badTotal === 0
        ? runs.slice(0, 1).map(({ run }) => `replay ${shortId(run)}`)
        : bad.flatMap(({ id }) => (id === undefined ? [] : [`show ${shortId(id)}`])).slice(0, 1),
      frame,
    ),
  ]
}
