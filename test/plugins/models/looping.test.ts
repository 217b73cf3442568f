import { describe, expect, test } from 'vitest'
import { isLooping } from '../../../plugins/models/looping.ts'

const repeated = (cycle: readonly number[], length: number) =>
  Array.from({ length }, (_, i) => cycle[i % cycle.length] ?? 0)

describe('a text loops', () => {
  test.each([1, 2, 3, 7, 8, 20, 48])(
    'when a cycle of %i tokens has come four times, over 32 tokens',
    (cycle) => {
      const tokens = repeated(
        Array.from({ length: cycle }, (_, i) => i),
        Math.max(32, cycle * 4),
      )
      expect(isLooping([900, 901, ...tokens])).toBe(true)
      expect(isLooping([900, 901, ...tokens.slice(1)])).toBe(false)
    },
  )

  test('not when it merely repeats itself with changes, or did so earlier', () => {
    const varied = Array.from({ length: 200 }, (_, i) => (i % 10 === 9 ? i : i % 10))
    expect(isLooping(varied)).toBe(false)
    expect(isLooping([...repeated([1, 2], 60), 3])).toBe(false)
    expect(isLooping([])).toBe(false)
  })
})
