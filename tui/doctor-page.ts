import type { Frame } from './frame.ts'
import { visible } from './visible.ts'
import { clip, padEnd, width, wrap } from './width.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  /** `warn` works, but not well; `bad` keeps a run from working. */
  readonly state: 'fine' | 'warn' | 'bad'
  readonly says: string
  /** What to do, where something is to be done. */
  readonly mend?: string
}

const nameOf = ({ name }: Check): string => clip(visible(name), 20)

export const doctorPage = (checks: readonly Check[], { columns, paint }: Frame): string[] => {
  const names = Math.max(...checks.map((check) => width(nameOf(check))))
  const stamps = { fine: paint.good('fine'), warn: paint.warn('warn'), bad: paint.bad('bad ') }
  const indent = ' '.repeat(6 + names + 2)
  const linesOf = (check: Check): string[] => [
    ...wrap(
      `${stamps[check.state]}  ${padEnd(nameOf(check), names)}  ${visible(check.says)}`,
      columns,
      indent,
    ),
    ...(check.mend === undefined ? [] : wrap(`${indent}to do: ${visible(check.mend)}`, columns, indent)),
  ]
  const troubles = checks.filter(({ state }) => state !== 'fine').length
  return [
    ...checks.flatMap(linesOf),
    '',
    troubles === 0
      ? 'Everything that a run needs is there.'
      : `${troubles === 1 ? 'One thing needs' : `${troubles} things need`} attention; what to do stands below it.`,
  ]
}
