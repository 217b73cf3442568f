import { HansardError } from '../../events/errors.ts'
import type { PromptRow } from '../../plugins/api.ts'
import type { NamedSource } from '../cast.ts'

/**
 * The two answers of each row of a dataset whose rows are comparisons: the one that was chosen, and the other.
 * @throws RowWithoutAnswers naming the first row that lacks one
 */
export const bothAnswers = (
  { name }: NamedSource,
  rows: readonly PromptRow[],
): readonly (readonly [chosen: string, rejected: string])[] =>
  rows.map(({ chosen, rejected, row }, index) => {
    if (chosen === undefined || rejected === undefined) throw new RowWithoutAnswers(name, row ?? index)
    return [chosen, rejected]
  })

class RowWithoutAnswers extends HansardError {
  constructor(name: string, row: number) {
    super('row_without_answers', `${name}, row ${row}: a comparison needs two answers, and it has not both`, {
      exit: 2,
      mend: 'give each row `chosen` and `rejected`, or name another dataset',
    })
  }
}
