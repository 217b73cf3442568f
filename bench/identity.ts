// How fast events get their names and are checked, in CPU time of one core:
//   npx node bench/identity.ts [REPETITIONS]
import { canonicalText, sha256Hex } from '../events/canonical.ts'
import type { Json } from '../events/event.ts'
import { type Act, decodeRecord, recipeOf, recordEvent } from '../events/identity.ts'
import { merkleRoot } from '../events/merkle.ts'
import { drawPrinciple } from '../events/rendezvous.ts'
import { sealOf } from '../events/seal.ts'
import { formSet } from '../events/sets.ts'
import { labelAssigned } from '../events/vocabulary/feedback.ts'

const repetitions = Number(process.argv[2] ?? 200_000)
const digest = sha256Hex('bench')

/** A label of 744 bytes: three parents, nested evidence. */
const label: Act = {
  by: { plugin: 'pocket', behaviour: digest },
  params: { method: 'choice_logprobs', orders: ['ab', 'ba'] },
  parents: ['pair', 'policy', 'principle'].map((role) => ({ role, id: digest })),
  draw: { subject: digest, round: 0, i: 3 },
  out: { status: 'ok', orders: [{ first: digest, logprob_first_nats: -0.123, logprob_second_nats: -2.5 }] },
}
const recorded = recordEvent(labelAssigned, label)
const value = recorded.event as unknown as Json
const keys = Array.from({ length: 16 }, (_, index) => `principle-${index}`)

const cpuSeconds = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const report = (name: string, count: number, seconds: number): void =>
  console.log(
    `${name.padEnd(34)} ${Math.round(count / seconds)
      .toLocaleString('en')
      .padStart(10)} /s`,
  )

const each = (name: string, once: (index: number) => void): void => {
  for (let index = 0; index < repetitions / 10; index++) once(index)
  const seconds = cpuSeconds(() => {
    for (let index = 0; index < repetitions; index++) once(index)
  })
  report(name, repetitions, seconds)
}

console.log(`${recorded.bytes.length} bytes an event, ${process.version}`)
each('sha-256 alone (the limit)', () => sha256Hex(recorded.bytes))
each('canonical form', () => canonicalText(value))
each('recordEvent', () => recordEvent(labelAssigned, label))
each('recipeOf', () => recipeOf(recorded.event))
each('decodeRecord, schema and all', () => decodeRecord(recorded.bytes))
each('principle drawn among 16', (index) => drawPrinciple(1, 'label', digest, 0, index, keys))

const ids = Array.from({ length: repetitions }, (_, index) => sha256Hex(`${index}`))
report(
  'members of a set formed',
  ids.length,
  cpuSeconds(() => formSet('stage', ids)),
)
report(
  'leaves of a Merkle root',
  ids.length,
  cpuSeconds(() => merkleRoot(ids)),
)
report(
  'ids sealed',
  ids.length,
  cpuSeconds(() => sealOf(ids)),
)
