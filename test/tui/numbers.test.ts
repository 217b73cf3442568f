import { describe, expect, test } from 'vitest'
import { byteSize, counted, duration, fixed, grouped, percent, perSecond, signed } from '../../tui/numbers.ts'

describe('numbers for people', () => {
  test('have separators, signs and no negative zero', () => {
    expect(grouped(1_283_569)).toBe('1,283,569')
    expect(grouped(999)).toBe('999')
    expect([signed(1.314), signed(-0.44), signed(-0.001), signed(0)]).toEqual([
      '+1.31',
      '-0.44',
      '0.00',
      '0.00',
    ])
    expect([signed(-13333.184), signed(1234567.5, 0)]).toEqual(['-13,333.18', '+1,234,568'])
    expect(fixed(-0.0001)).toBe('0.00')
    expect([signed(Number.NaN), fixed(Number.POSITIVE_INFINITY)]).toEqual(['NaN', 'Infinity'])
  })
  test('never call a small share nothing', () => {
    expect([percent(0), percent(0.001), percent(0.125), percent(1)]).toEqual(['0%', '<1%', '13%', '100%'])
  })
  test('say durations and rates in the unit that fits', () => {
    expect([0.04, 9.3, 9.96, 42, 59.6, 252, 11_100, 187_200].map(duration)).toEqual([
      '0.0s',
      '9.3s',
      '10s',
      '42s',
      '1m00s',
      '4m12s',
      '3h05m',
      '2d04h',
    ])
    expect([0, 0.021, 3.42, 12, 212.4, 4500].map(perSecond)).toEqual([
      '–',
      '0.021/s',
      '3.4/s',
      '12/s',
      '212/s',
      '4,500/s',
    ])
    expect([12, 1500, 2_700_000_000].map(byteSize)).toEqual(['12 B', '1.5 kB', '2.7 GB'])
  })
  test('agree with their noun', () => {
    expect([counted(1, 'labels'), counted(2, 'labels'), counted(1, 'queries')]).toEqual([
      '1 label',
      '2 labels',
      '1 query',
    ])
  })
})
