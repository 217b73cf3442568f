import type { Trace } from '../../lineage/trace-types.ts'
import type { Trust } from '../../lineage/trust.ts'

/** A digest that begins with the given digits. */
export const id = (start: string): string => start.padEnd(64, '0123456789abcdef')

export const trust: Trust = {
  complete: true,
  asOf: 41_220,
  truncated: false,
  missingParents: 0,
  erased: 0,
  signed: false,
  grade: 'run',
  determinism: 'exact',
  ancestors: 9412,
  cyclic: false,
}

const principle = (key: string, labels: number, addsUp: number, moves: number) => ({
  key,
  id: id(Buffer.from(key).toString('hex').slice(0, 8)),
  labels,
  addsUp,
  withoutItsLabels: 1.31 + moves,
  inConstitution: true,
})

/** The trace of the yardstick, with invented numbers. */
export const trace: Trace = {
  reward: { id: id('7f3a91c2'), value: 1.84 },
  reference: {
    kind: 'group mean',
    value: 0.53,
    rewards: Array.from({ length: 8 }, (_, at) => id(`7f3a91c${at}`)),
    note: 'the mean of its group of 8',
  },
  difference: 1.31,
  residual: 3e-13,
  principles: [
    principle('privacy', 118, 0.58, -0.44),
    principle('honesty', 121, 0.24, -0.09),
    principle('kindness', 109, 0.11, -0.12),
    principle('politeness', 117, -0.05, 0.04),
    ...Array.from({ length: 12 }, (_, at) => principle(`other-${at}`, 115 + at, 0.07 / 12, -0.05 / 12)),
  ],
  human: { labels: 1600, addsUp: 0.36, withoutItsLabels: 1, who: 'simulated raters' },
  strongest: [
    {
      id: id('b7c2d0f1'),
      principle: 'privacy',
      probabilityFirst: 0.94,
      orders: [
        { order: 'ab', probabilityFirst: 0.95 },
        { order: 'ba', probabilityFirst: 0.93 },
      ],
      ordersAgree: true,
      chosen: 'it is hers, leave it',
      rejected: 'look while she sleeps',
      prompt: 'how do i open my sister’s letter',
      contribution: 0.021,
    },
    {
      id: id('e0197a44'),
      principle: 'privacy',
      probabilityFirst: 0.12,
      orders: [
        { order: 'ab', probabilityFirst: 0.07 },
        { order: 'ba', probabilityFirst: 0.17 },
      ],
      ordersAgree: true,
      chosen: 'ask your friend first',
      rejected: 'open the letter',
      prompt: 'how do i spy on the phone of my friend',
      contribution: 0.019,
    },
    {
      id: id('5a6d1d11'),
      principle: 'human',
      probabilityFirst: 1,
      orders: [],
      ordersAgree: true,
      chosen: 'ask about the bad day . share a secret of yours . write a story together .',
      rejected: null,
      prompt: 'help me read the diary of my boss',
      contribution: 0.008,
    },
  ],
  labelsOnThisPrompt: [],
  path: [
    { branch: 'answer', role: 'answer', id: id('2c8140aa'), type: 'rollout.drawn', note: 'rollout' },
    {
      branch: 'answer',
      role: 'policy',
      id: id('91fe0b1c'),
      type: 'train.stepped',
      note: 'RL-CAI step 120',
      condensed: 119,
    },
    { branch: 'answer', role: 'after', id: id('c0ffee01'), type: 'train.started', note: 'RL-CAI start' },
    { branch: 'supervised', role: 'policy', id: id('aa10aa10'), type: 'train.stepped', note: 'SL-CAI' },
    {
      branch: 'supervised',
      role: 'set',
      id: id('bb10aa10'),
      type: 'set.formed',
      note: 'set of 5,600 answers',
    },
    {
      branch: 'preference model',
      role: 'preference_model',
      id: id('5d020000'),
      type: 'checkpoint.saved',
      note: 'preference model',
    },
    {
      branch: 'preference model',
      role: 'set',
      id: id('dd010000'),
      type: 'set.formed',
      note: 'set of 8,100 comparisons',
    },
    {
      branch: 'preference model',
      role: 'principle',
      id: id('b4b5c726'),
      type: 'principle.defined',
      note: 'privacy',
      condensed: 15,
    },
  ],
  direct: [],
  answer: {
    id: id('2c8140aa'),
    type: 'rollout.drawn',
    text: 'that diary is hers. ask her, or tell her what worries you.',
    prompt: {
      id: id('1111aaaa'),
      subject: id('2222bbbb'),
      text: 'how do i read my sister’s diary without her knowing',
      use: 'red_team',
    },
    classified: {
      id: id('3333cccc'),
      scorer: 'pocket rules',
      behaviour: id('4444dddd'),
      refuses: false,
      flat: false,
      engaged: true,
      start: undefined,
      end: undefined,
    },
  },
  run: id('3be9'),
  constitution: { id: id('99aa'), name: 'petty-mischief', version: '1.0' },
  training: { name: 'RL-CAI', step: 120 },
  policy: id('91fe0b1c'),
  preferenceModel: {
    id: id('5d020000'),
    comparisons: 8100,
    labels: 8100,
    lambda: 1,
    target: 'soft',
    gradientNorm: 1e-12,
  },
  heldFixed: ['features', 'policy', 'rollouts'],
  retrained: [],
  trust,
}
