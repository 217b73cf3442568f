import { audit } from './vocabulary/audit.ts'
import type { EventType } from './vocabulary/define.ts'
import { evaluation } from './vocabulary/evaluation.ts'
import { feedback } from './vocabulary/feedback.ts'
import { governance } from './vocabulary/governance.ts'
import { prompts } from './vocabulary/prompts.ts'
import { reinforcement } from './vocabulary/reinforcement.ts'
import { supervised } from './vocabulary/supervised.ts'
import { training } from './vocabulary/training.ts'

/** Every type of event that hansard writes, in the order of the method. */
export const vocabulary: readonly EventType[] = [
  ...governance,
  ...prompts,
  ...supervised,
  ...training,
  ...feedback,
  ...reinforcement,
  ...evaluation,
  ...audit,
]

const byName = new Map(vocabulary.map((definition) => [`${definition.type} ${definition.v}`, definition]))

/** The definition of a type and version, or undefined where this version of hansard does not know it. */
export const definitionOf = (type: string, v: number): EventType | undefined => byName.get(`${type} ${v}`)
