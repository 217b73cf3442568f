import { canonicalText } from '../../events/canonical.ts'
import type { Json } from '../../events/event.ts'
import type { SettingDifference } from '../diff-types.ts'

/** The settings that differ, by their path (`reinforcement.0.steps`), in the order of the first run's settings. */
export const settingDifferences = (a: Json, b: Json): readonly SettingDifference[] => {
  const left = leavesOf(a)
  const right = leavesOf(b)
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((path): SettingDifference[] => {
    const [x, y] = [left.get(path), right.get(path)]
    if (x !== undefined && y !== undefined && canonicalText(x) === canonicalText(y)) return []
    return [{ path, ...(x === undefined ? {} : { a: x }), ...(y === undefined ? {} : { b: y }) }]
  })
}

/** Values that are no objects or lists, and empty ones, by path. */
const leavesOf = (value: Json, path = '', leaves = new Map<string, Json>()): ReadonlyMap<string, Json> => {
  const parts = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (parts.length === 0) leaves.set(path, value)
  for (const [key, part] of parts) leavesOf(part, path === '' ? key : `${path}.${key}`, leaves)
  return leaves
}
