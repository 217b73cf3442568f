import { describe, expect, test } from 'vitest'
import { bar, sparkline } from '../../tui/bars.ts'

describe('a bar', () => {
  test('grows in steps of an eighth', () => {
    expect(bar(1, 1, 4)).toBe('████')
    expect(bar(0.5, 1, 4)).toBe('██')
    expect(bar(33, 32, 4)).toBe('████')
    expect(bar(17, 32, 4)).toBe('██▏')
  })
  test('shows a sliver for anything above zero and nothing for the rest', () => {
    expect(bar(1e-9, 1, 10)).toBe('▏')
    for (const value of [0, -1, Number.NaN]) expect(bar(value, 1, 10)).toBe('')
    expect(bar(1, 0, 10)).toBe('')
    expect(bar(1, 1, 0)).toBe('')
  })
})

describe('a sparkline', () => {
  test('runs from the lowest to the highest value', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([-5, 5])).toBe('▁█')
  })
  test('is level for equal values and has gaps where there is no number', () => {
    expect(sparkline([2, 2, 2])).toBe('▄▄▄')
    expect(sparkline([0, Number.NaN, 1])).toBe('▁ █')
    expect(sparkline([])).toBe('')
  })
})
