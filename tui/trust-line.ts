import type { Trust } from '../lineage/trust.ts'
import type { Frame } from './frame.ts'
import { counted, grouped } from './numbers.ts'
import { flow } from './width.ts'

const completeness = (trust: Trust, paint: Frame['paint']): string => {
  const rests = `${counted(trust.ancestors, 'ancestors')}, ${grouped(trust.missingParents)} missing, ${grouped(trust.erased)} erased`
  if (trust.complete) return `${paint.good('complete')}: ${rests}`
  const why = trust.cyclic
    ? ': an event is its own ancestor'
    : trust.truncated
      ? ': a limit ended the walk'
      : trust.missingParents > 0
        ? ''
        : ': the record went on meanwhile'
  return `${paint.bad('NOT COMPLETE')}${why}: ${rests}`
}

/** How far an answer may be relied on: the same words under every answer. */
export const trustLines = (trust: Trust, { columns, paint }: Frame): string[] =>
  flow(
    [
      completeness(trust, paint),
      `up to event ${grouped(trust.asOf)}`,
      trust.signed ? 'signed' : paint.warn('NOT SIGNED'),
      trust.determinism === 'exact' ? 'exact backends' : `backends: ${trust.determinism}`,
      ...(trust.grade === 'run' ? [] : ['partly imported']),
    ],
    ' · ',
    columns,
    '  ',
  )
