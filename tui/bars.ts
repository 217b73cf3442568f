const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const
const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A bar of at most `columns` columns, in steps of an eighth; anything above zero shows at least a sliver. */
export const bar = (value: number, max: number, columns: number): string => {
  if (!(value > 0) || !(max > 0) || columns <= 0) return ''
  const steps = Math.max(1, Math.round(Math.min(1, value / max) * columns * 8))
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '')
}

/** One sign per value, the lowest ▁ and the highest █; equal values lie in the middle, non-finite ones are gaps. */
export const sparkline = (values: readonly number[]): string => {
  const finite = values.filter(Number.isFinite)
  const low = Math.min(...finite)
  const high = Math.max(...finite)
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' '
      const at = high === low ? 3 : Math.round(((value - low) / (high - low)) * (heights.length - 1))
      return heights[at] ?? ' '
    })
    .join('')
}
