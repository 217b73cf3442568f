import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { encodeCanonical } from '../../events/canonical.ts'
import type { Event, Json } from '../../events/event.ts'
import { decodeRecord, hansardBy, recordEvent } from '../../events/identity.ts'
import { type Upcaster, viewOf, viewsBy } from '../../events/upcast.ts'
import { defineType } from '../../events/vocabulary/define.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'

/** A type that learnt to say its length in tokens, and then whether it is a question. */
const first = defineType({
  type: 'fixture.said',
  v: 1,
  sealed: true,
  meaning: 'A fixture.',
  params: z.strictObject({ max_length: z.int() }),
  parents: {},
  seeded: false,
  out: z.strictObject({ words: z.string() }),
})
const second = { ...first, v: 2, params: z.strictObject({ max_length_tokens: z.int() }) }
const third = { ...second, v: 3, out: z.strictObject({ words: z.string(), asks: z.boolean() }) }

const toSecond: Upcaster = {
  type: 'fixture.said',
  from: 1,
  upcast: ({ params, out }) => ({ params: { max_length_tokens: params['max_length'] ?? 0 }, out }),
}
const toThird: Upcaster = {
  type: 'fixture.said',
  from: 2,
  upcast: ({ params, out }) => ({
    params,
    out: { ...out, asks: out['words'] === 'why?' },
  }),
}

const recorded = recordEvent(first, {
  by: hansardBy,
  params: { max_length: 5 },
  parents: [],
  draw: { subject: 'fixture.said', round: 0, i: 0 },
  out: { status: 'ok', words: 'why?' },
})

describe('an event of an older version', () => {
  it('is seen as one of the newest, by one step a version', () => {
    const view = viewsBy([first, second, third], [toThird, toSecond])(recorded.event)
    expect(view).toEqual({
      known: true,
      definition: third,
      event: {
        ...recorded.event,
        v: 3,
        params: { max_length_tokens: 5 },
        out: { status: 'ok', words: 'why?', asks: true },
      },
    })
  })

  it('keeps its bytes, id and recipe, whatever the view says', () => {
    viewsBy([first, second, third], [toThird, toSecond])(recorded.event)
    expect(decodeRecord(recorded.bytes)).toEqual(recorded)
    expect(recorded.event.v).toBe(1)
  })

  it('is opaque where an upcaster on the way was removed', () => {
    expect(viewsBy([first, second, third], [toThird])(recorded.event)).toEqual({
      known: false,
      event: recorded.event,
    })
    expect(viewsBy([first, second, third], [toSecond])(recorded.event).known).toBe(false)
  })

  it('is never shown wrongly: an upcaster whose result the newest schema refuses is found', () => {
    const wrong: Upcaster = { ...toSecond, upcast: (content) => content }
    expect(() => viewsBy([first, second], [wrong])(recorded.event)).toThrow('fixture.said is wrong: params')
  })
})

describe('an event', () => {
  it('of the newest version is seen as it is', () => {
    const view = viewsBy([first], [])(recorded.event)
    expect(view.known).toBe(true)
    expect(view.event).toBe(recorded.event)
  })

  it('of an unknown type or of a version from the future is opaque, and still a record', () => {
    const future = { ...recorded.event, v: 9, out: { status: 'ok', mood: 'calm' } } as unknown as Event
    const event = decodeRecord(encodeCanonical(future as unknown as Json)).event
    expect(viewsBy([first, second, third], [toSecond, toThird])(event)).toEqual({ known: false, event })
    expect(viewOf(event).known).toBe(false)
  })

  it('of hansard’s own vocabulary is known', () => {
    const { event } = recordEvent(principleDefined, {
      by: hansardBy,
      params: { key: 'privacy' },
      parents: [],
      draw: { subject: 'principle.defined', round: 0, i: 0 },
      out: { status: 'ok' },
    })
    expect(viewOf(event)).toEqual({ known: true, definition: principleDefined, event })
  })
})

describe('upcasters that do not fit together are refused', () => {
  it('two from one version', () => {
    expect(() => viewsBy([first, second], [toSecond, toSecond])).toThrow('two upcasters from fixture.said 1')
  })

  it('one that leads nowhere', () => {
    expect(() => viewsBy([first, second], [toSecond, toThird])).toThrow('no fixture.said 3')
    expect(() => viewsBy([second], [toSecond])).toThrow('no fixture.said 1')
  })
})
