import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCanonical, sha256Hex } from '../../events/canonical.ts'
import { InvalidEvent, Poison } from '../../events/errors.ts'
import { type Json, maxValueBytes, type Question } from '../../events/event.ts'
import { type Act, decodeRecord, hansardBy, recipeOf, recordEvent } from '../../events/identity.ts'
import { vocabulary } from '../../events/vocabulary.ts'
import { labelAssigned, pairFormed } from '../../events/vocabulary/feedback.ts'
import { principleDefined, runStarted } from '../../events/vocabulary/governance.ts'
import { sampleDrawn } from '../../events/vocabulary/supervised.ts'
import { setFormed } from '../../events/vocabulary/training.ts'
import { anyAct } from './arbitrary-event.ts'

const a = 'a'.repeat(64)
const b = 'b'.repeat(64)
const c = 'c'.repeat(64)

const sample: Act = {
  by: { plugin: 'pocket', behaviour: a },
  params: { temperature: 1, max_tokens: 64 },
  parents: [
    { role: 'policy', id: b },
    { role: 'prompt', id: c },
  ],
  draw: { subject: c, round: 0, i: 3, seed: 1_234_567 },
  out: { status: 'ok', text: { scheme: 'sha256', digest: a, bytes: 12 }, tokens: 3, finish: 'stop' },
}

const errorOf = (work: () => unknown): unknown => {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

const poisonOf = (bytes: Uint8Array): string => {
  const error = errorOf(() => decodeRecord(bytes))
  if (error === undefined) return 'no poison'
  if (error instanceof Poison) return error.reason
  throw error
}

describe('a record', () => {
  it('has frozen names: this act has this id and this recipe for ever', () => {
    const { id, recipe, bytes } = recordEvent(sampleDrawn, sample)
    expect(Buffer.from(bytes).toString()).toBe(
      `{"by":{"behaviour":"${a}","plugin":"pocket"},"draw":{"i":3,"round":0,"seed":1234567,"subject":"${c}"},` +
        `"out":{"finish":"stop","status":"ok","text":{"bytes":12,"digest":"${a}","scheme":"sha256"},"tokens":3},` +
        `"params":{"max_tokens":64,"temperature":1},` +
        `"parents":[{"id":"${b}","role":"policy"},{"id":"${c}","role":"prompt"}],"type":"sample.drawn","v":1}`,
    )
    expect(id).toBe('85e4050e8a7dfafd2152333a8b4659270172f9cf536ef63a46a9bb7ad20e09dd')
    expect(recipe).toBe('8dc7c2f8d7fd7d46a33d188fa361af94f7d97b0a0f94455f29822db641c8d861')
  })

  it('hansard itself answers under a frozen behaviour', () => {
    expect(hansardBy).toEqual({
      plugin: 'hansard',
      behaviour: '7d0e7350de5a9fa5e2950e1b3503114944d0a137404270fc7dac0172573fba63',
    })
  })

  describe.each(vocabulary.map((definition) => [`${definition.type} ${definition.v}`, definition] as const))(
    'of %s',
    (_name, definition) => {
      it('is the canonical JSON of its event, named by the sha-256 of that, and reads back as itself', () => {
        fc.assert(
          fc.property(anyAct(definition), (act) => {
            const recorded = recordEvent(definition, act)
            const { type, by, params, parents, draw, out, v } = recorded.event
            expect(Buffer.from(recorded.bytes).toString()).toBe(canonicalize(recorded.event))
            expect(recorded.id).toBe(sha256Hex(recorded.bytes))
            expect(recorded.recipe).toBe(sha256Hex(canonicalize({ type, by, params, parents, draw }) ?? ''))
            expect({ by, params, draw, out, v }).toEqual({
              by: act.by,
              params: act.params,
              draw: act.draw,
              out: act.out,
              v: definition.v,
            })
            expect(recipeOf(recorded.event)).toBe(recorded.recipe)
            expect(decodeRecord(recorded.bytes)).toEqual(recorded)
          }),
          { numRuns: 60 },
        )
      })
    },
  )

  it('with any bit flipped is poison or has another id', () => {
    const recorded = recordEvent(sampleDrawn, sample)
    for (let bit = 0; bit < recorded.bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(recorded.bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      try {
        expect(decodeRecord(flipped).id).not.toBe(recorded.id)
      } catch (error) {
        expect(error).toBeInstanceOf(Poison)
      }
    }
  })
})

describe('a recipe', () => {
  const recorded = recordEvent(sampleDrawn, sample)

  it('ignores what came back, and the version of the schema', () => {
    const failed = recordEvent(sampleDrawn, { ...sample, out: { status: 'failed', reason: 'looping' } })
    expect(failed.recipe).toBe(recorded.recipe)
    expect(failed.id).not.toBe(recorded.id)
    const later = recordEvent({ ...sampleDrawn, v: 2 }, sample)
    expect(later.recipe).toBe(recorded.recipe)
    expect(later.id).not.toBe(recorded.id)
  })

  it('changes with everything that was asked', () => {
    const question: Question = { type: 'sample.drawn', ...sample }
    const others: readonly Question[] = [
      { ...question, type: 'rollout.drawn' },
      { ...question, by: { plugin: 'other', behaviour: a } },
      { ...question, by: { plugin: 'pocket', behaviour: b } },
      { ...question, params: { temperature: 0.5, max_tokens: 64 } },
      { ...question, parents: sample.parents.slice(1) },
      { ...question, draw: { ...sample.draw, subject: b } },
      { ...question, draw: { ...sample.draw, round: 1 } },
      { ...question, draw: { ...sample.draw, i: 4 } },
      { ...question, draw: { ...sample.draw, seed: 1 } },
      { ...question, draw: { subject: c, round: 0, i: 3 } },
    ]
    const recipes = new Set([recorded.recipe, ...others.map(recipeOf)])
    expect(recipes.size).toBe(others.length + 1)
  })

  it('does not depend on the order in which roles are given, but on the order within a role', () => {
    const parents = [
      { role: 'sample', id: b },
      { role: 'prompt', id: c },
      { role: 'sample', id: a },
    ]
    const act: Act = {
      ...sample,
      params: {},
      draw: { subject: c, round: 0, i: 0 },
      out: { status: 'ok' },
      parents,
    }
    const pair = recordEvent(pairFormed, act)
    expect(pair.event.parents).toEqual([
      { role: 'prompt', id: c },
      { role: 'sample', id: b },
      { role: 'sample', id: a },
    ])
    expect(parents[0]).toEqual({ role: 'sample', id: b })
    expect(recordEvent(pairFormed, { ...act, parents: [parents[1]!, parents[0]!, parents[2]!] }).id).toBe(
      pair.id,
    )
    expect(recordEvent(pairFormed, { ...act, parents: parents.toReversed() }).id).not.toBe(pair.id)
    expect(recipeOf({ ...pair.event, parents })).toBe(pair.recipe)
  })
})

describe('an act that is no event is refused with the field', () => {
  const refused: readonly (readonly [string, object, string])[] = [
    ['an unknown parameter', { params: { ...sample.params, top_k: 1 } }, 'params'],
    ['a parameter of the wrong kind', { params: { temperature: '1', max_tokens: 64 } }, 'params.temperature'],
    ['a parameter that is missing', { params: { temperature: 1 } }, 'params.max_tokens'],
    [
      'a parameter that is not finite',
      { params: { temperature: Number.NaN, max_tokens: 1 } },
      'params.temperature',
    ],
    ['an unknown field in its outcome', { out: { ...sample.out, cost: 1 } }, 'out'],
    [
      'an optional field that is undefined',
      { out: { status: 'failed', reason: 'empty', text: undefined } },
      'out.text is undefined',
    ],
    ['an unknown failure', { out: { status: 'failed', reason: 'timeout' } }, 'out.reason'],
    ['an unknown status', { out: { status: 'meh' } }, 'out.status'],
    ['a parent that is missing', { parents: [{ role: 'policy', id: b }] }, 'no prompt'],
    [
      'a parent of an unknown role',
      { parents: [...sample.parents, { role: 'set', id: a }] },
      'set is no role',
    ],
    [
      'two parents where one is right',
      { parents: [...sample.parents, { role: 'policy', id: a }] },
      '2 of policy',
    ],
    ['a short id', { parents: [{ role: 'policy', id: 'abc' }] }, 'parents.0.id'],
    ['an upper-case id', { parents: [{ role: 'policy', id: 'A'.repeat(64) }] }, 'parents.0.id'],
    ['no seed where it draws', { draw: { subject: c, round: 0, i: 0 } }, 'draw.seed'],
    ['a seed of 2³¹−1', { draw: { ...sample.draw, seed: 2 ** 31 - 1 } }, 'draw.seed'],
    ['a negative round', { draw: { ...sample.draw, round: -1 } }, 'draw.round'],
    ['half an i', { draw: { ...sample.draw, i: 0.5 } }, 'draw.i'],
    ['a field too many in its place', { draw: { ...sample.draw, run: 'x' } }, 'draw'],
    ['a version in by', { by: { ...sample.by, version: '1.0.0' } }, 'by'],
    ['a behaviour that is no digest', { by: { plugin: 'pocket', behaviour: '1' } }, 'by.behaviour'],
  ]
  it.each(refused)('%s', (_name, change, message) => {
    const act = { ...sample, ...change }
    expect(() => recordEvent(sampleDrawn, act)).toThrow(InvalidEvent)
    expect(() => recordEvent(sampleDrawn, act)).toThrow(message)
  })

  it('a seed where nothing is drawn', () => {
    const act: Act = {
      ...sample,
      params: {},
      out: { status: 'ok' },
      parents: [
        { role: 'prompt', id: a },
        { role: 'sample', id: b },
      ],
    }
    expect(() => recordEvent(pairFormed, act)).toThrow('the act draws nothing')
  })

  it('a failure where the act cannot fail', () => {
    const act: Act = {
      ...sample,
      params: { key: 'x' },
      parents: [],
      out: { status: 'failed', reason: 'empty' },
    }
    expect(() => recordEvent(principleDefined, act)).toThrow('cannot fail')
  })

  it('a lone surrogate', () => {
    const act: Act = {
      by: hansardBy,
      params: { key: 'x\ud83d' },
      parents: [],
      draw: { subject: 'principle.defined', round: 0, i: 0 },
      out: { status: 'ok' },
    }
    expect(() => recordEvent(principleDefined, act)).toThrow('params.key holds a lone surrogate')
  })

  it('a value without end', () => {
    const settings: { self?: unknown } = {}
    settings.self = settings
    const act = {
      by: hansardBy,
      params: { settings },
      parents: [{ role: 'constitution', id: a }],
      draw: { subject: 'run.started', round: 0, i: 0 },
      out: { status: 'ok' },
    }
    expect(() => recordEvent(runStarted, act as unknown as Act)).toThrow('is nested deeper')
  })

  it('more than 64 KiB, and never silently', () => {
    const parents = Array.from({ length: 800 }, () => ({ role: 'child', id: a }))
    const act: Act = {
      by: hansardBy,
      params: { purpose: 'sft', count: 800, depth: 0 },
      parents,
      draw: { subject: 'set.formed', round: 0, i: 0 },
      out: { status: 'ok' },
    }
    expect(() => recordEvent(setFormed, act)).toThrow(`at most ${maxValueBytes}`)
    expect(recordEvent(setFormed, { ...act, parents: parents.slice(0, 512) }).bytes.length).toBeLessThan(
      maxValueBytes,
    )
  })
})

describe('bytes from anywhere', () => {
  const good = recordEvent(sampleDrawn, sample)
  const deep = '['.repeat(30_000) + ']'.repeat(30_000)
  const edited = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
    const text = Buffer.from(bytes).toString()
    expect(text).toContain(from)
    return Buffer.from(text.replace(from, to))
  }
  const change = (fields: object): Uint8Array =>
    encodeCanonical({ ...good.event, ...fields } as unknown as Json)

  it('of an unknown type, or a version from the future, are a record like any other', () => {
    const future = change({ v: 7, out: { status: 'ok', mood: 'better' } })
    expect(decodeRecord(future)).toMatchObject({ id: sha256Hex(future), recipe: good.recipe })
    const stranger = change({ type: 'dream.dreamt', params: { any: ['thing', null] } })
    expect(decodeRecord(stranger).event.type).toBe('dream.dreamt')
    expect(
      decodeRecord(change({ type: 'dream.dreamt', out: { status: 'failed', reason: 'woke' } })).id,
    ).toHaveLength(64)
  })

  it.each([
    [
      'of an event that its schema refuses',
      change({ params: { temperature: -1, max_tokens: 1 } }),
      'not_its_schema',
    ],
    ['without a parent that its type has', change({ parents: [] }), 'not_its_schema'],
    ['with parents out of order', change({ parents: sample.parents.toReversed() }), 'not_an_event'],
    ['with an eighth field', change({ meta: {} }), 'not_an_event'],
    ['with a version of 0', change({ v: 0 }), 'not_an_event'],
    ['with a place that is none', change({ draw: null }), 'not_an_event'],
    ['with an outcome that is a list', change({ out: [] }), 'not_an_event'],
    ['with by as a text', change({ by: 'me' }), 'not_an_event'],
    ['with __proto__ as a field', Buffer.from('{"__proto__":{"type":"sample.drawn"}}'), 'not_an_event'],
    [
      'with __proto__ among the settings',
      edited(change({ type: 'dream.dreamt' }), '"max_tokens"', '"__proto__"'),
      'not_canonical',
    ],
    ['with a key twice', edited(good.bytes, '"i":3', '"i":3,"i":3'), 'not_canonical'],
    ['with 2⁵³+1', edited(change({ type: 'dream.dreamt' }), ':64', ':9007199254740993'), 'not_canonical'],
    ['with a lone surrogate as an escape', edited(good.bytes, 'pocket', 'p\\ud83d'), 'not_canonical'],
    ['with a space', Buffer.concat([good.bytes, Buffer.from(' ')]), 'not_canonical'],
    ['of a list', Buffer.from('[]'), 'not_an_event'],
    ['of null', Buffer.from('null'), 'not_an_event'],
    ['of nothing', new Uint8Array(0), 'empty'],
    ['of NaN', Buffer.from('NaN'), 'not_json'],
    ['that are not JSON', Buffer.from('{'), 'not_json'],
    ['that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'not_utf8'],
    ['beyond 64 KiB', Buffer.alloc(maxValueBytes + 1, 0x20), 'too_large'],
    ['10⁵ levels deep', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 'too_large'],
    ['as deep as 64 KiB allow', Buffer.from(deep), 'not_an_event'],
    [
      'as deep as 64 KiB allow, in the settings',
      edited(change({ type: 'dream.dreamt' }), ':64', `:${deep}`),
      'not_canonical',
    ],
    [
      'as deep as 64 KiB allow, in settings of a known type',
      edited(good.bytes, ':64', `:${deep}`),
      'not_canonical',
    ],
  ])('%s are poison', (_name, bytes, reason) => {
    expect(poisonOf(bytes)).toBe(reason)
  })

  it('never put what a terminal would obey, or a whole page, into an error', () => {
    const hostile = '\u001b]0;x\u0007\u009b2J\u202e'
    const params = [
      { [hostile]: 1, temperature: 1, max_tokens: 1 },
      { ['x'.repeat(20_000)]: 1, temperature: 1, max_tokens: 1 },
    ]
    for (const one of params) {
      const message = String(errorOf(() => decodeRecord(change({ params: one }))))
      expect(message).toContain('Poison')
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(message.length).toBeLessThan(400)
    }
    expect(() => encodeCanonical({ [hostile]: { [hostile]: Number.NaN } })).toThrow('\\u{1b}]0;x\\u{7}')
  })

  it('of any kind are a record or poison, never another error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(poisonOf(bytes)).not.toBe('no poison')
        },
      ),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('by', 'draw', 'out', 'params', 'parents', 'type', 'v'),
        (text, field) => {
          poisonOf(Buffer.from(canonicalize({ ...good.event, [field]: JSON.parse(text) }) ?? ''))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('a label', () => {
  it('may have a seed and may have none', () => {
    const label: Act = {
      by: hansardBy,
      params: { method: 'simulated_raters', orders: ['ab'], question: 'helpful' },
      parents: [{ role: 'pair', id: a }],
      draw: { subject: b, round: 0, i: 0 },
      out: { status: 'ok', preferred: 'first', probability_first: 0.75 },
    }
    expect(recordEvent(labelAssigned, label).event.draw.seed).toBeUndefined()
    expect(recordEvent(labelAssigned, { ...label, draw: { ...label.draw, seed: 0 } }).event.draw.seed).toBe(0)
  })
})
