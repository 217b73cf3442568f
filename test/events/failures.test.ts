import { describe, expect, it } from 'vitest'
import { failureReasons } from '../../events/event.ts'
import { textRef } from '../../events/texts.ts'
import { compile } from '../../events/validation.ts'
import { vocabulary } from '../../events/vocabulary.ts'

/** The acts that are put to plugins, any of which may have no answer. */
const asked = [
  'prompt.generated',
  'sample.drawn',
  'critique.written',
  'revision.written',
  'feedback.reasoned',
  'label.assigned',
  'harm.scored',
  'refusal.classified',
  'comparison.made',
  'item.answered',
]

describe('a failure that belongs to the answer', () => {
  it.each(asked)('of %s is recorded with all that a plugin may say of it', (type) => {
    const { failed } = compile(vocabulary.find((one) => one.type === type)!)
    for (const reason of failureReasons)
      expect(
        failed?.safeParse({ status: 'failed', reason, text: textRef('I think that both'), mass: 0.02 }).error,
      ).toBeUndefined()
    expect(failed).toBeDefined()
  })

  it('has no room for what nobody named', () => {
    const { failed } = compile(vocabulary.find(({ type }) => type === 'harm.scored')!)
    expect(failed!.safeParse({ status: 'failed', reason: 'empty', host: 'gpu-7' }).success).toBe(false)
  })
})
