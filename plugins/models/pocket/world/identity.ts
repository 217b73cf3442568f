import { canonicalDigest } from '../../../../events/canonical.ts'
import * as facts from './facts.ts'
import { PRINCIPLES } from './principles.ts'

/** Digest of all facts that rules and requests rest on: a changed sentence changes who answers. */
export const worldDigest = canonicalDigest({
  topics: facts.TOPICS.map(({ act, steps, good, mischievous }) => ({ act, steps, good, mischievous })),
  people: facts.PEOPLE,
  phrasings: facts.PHRASINGS.map(({ before, after }) => [before, after]),
  faults: [...facts.FAULT_OF].map(([sentence, fault]) => [sentence, fault]),
  neutral: [...facts.NEUTRAL],
  principles: PRINCIPLES.map(({ text, faults, engage, heldOut }) => ({ text, faults, engage, heldOut })),
})
