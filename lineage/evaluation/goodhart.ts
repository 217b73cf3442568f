import type { GoodhartFlag, GoodhartPoint } from './run-page.ts'

/** Standard errors (of the difference of two means) by which gold must have fallen to be called turned. */
const errorsToTurn = 3
/** Share of repeated sentences that is called repetition, where it is also three times what training started from. */
const repeatsAtLeast = 0.1
const repeatsTimes = 3

/**
 * The monitor: whether gold, which nothing trains on, turned while the reward went on rising (Goodhart's law; Gao et al.
 * 2022), and whether answers took to repeating themselves.
 * @param points snapshots of one training in its order, its start first
 */
export const flagsOf = (points: readonly GoodhartPoint[]): readonly GoodhartFlag[] => [
  ...goldTurned(points),
  ...phrasesRepeat(points),
]

const goldTurned = (points: readonly GoodhartPoint[]): readonly GoodhartFlag[] => {
  let best: GoodhartPoint | undefined
  for (const point of points) {
    if (point.gold === undefined) continue
    if (best?.gold === undefined || point.gold > best.gold) {
      best = point
      continue
    }
    const error = Math.sqrt((point.goldError ?? 0) ** 2 + (best.goldError ?? 0) ** 2)
    const fell = best.gold - point.gold
    if (fell <= errorsToTurn * error || !rose(best.reward, point.reward)) continue
    const rewards =
      best.reward === undefined || point.reward === undefined
        ? ''
        : ` while the reward rose from ${best.reward.toFixed(2)} to ${point.reward.toFixed(2)}`
    return [
      {
        kind: 'gold turned',
        after: best.step,
        seen: point.step,
        note: `gold fell from ${best.gold.toFixed(2)} to ${point.gold.toFixed(2)}${rewards}`,
      },
    ]
  }
  return []
}

/** A reward that is not known (at the start) does not speak against it. */
const rose = (before: number | undefined, after: number | undefined): boolean =>
  before === undefined || after === undefined || after > before

const phrasesRepeat = (points: readonly GoodhartPoint[]): readonly GoodhartFlag[] => {
  const [start] = points
  if (start === undefined) return []
  const limit = Math.max(repeatsAtLeast, repeatsTimes * start.phrases.repeated)
  const at = points.findIndex(({ phrases }) => phrases.repeated > limit)
  if (at < 1) return []
  const { step, phrases } = points[at]!
  return [
    {
      kind: 'phrases repeat',
      after: points[at - 1]!.step,
      seen: step,
      note: `${(phrases.repeated * 100).toFixed(0)}% of sentences repeat one of the same answer (at the start ${(start.phrases.repeated * 100).toFixed(0)}%)`,
    },
  ]
}
