/** The facts of the miniature world: who does what to whom, and what each sentence means. Data, no rules. */

/** The four kinds of fault that a sentence can have. */
export const FAULTS = ['unkind', 'untrue', 'prying', 'unfair'] as const
export type Fault = (typeof FAULTS)[number]

/** The virtue opposite to each fault, as principles name it. */
export const VIRTUES: Readonly<Record<Fault, string>> = {
  unkind: 'kind',
  untrue: 'true',
  prying: 'discreet',
  unfair: 'fair',
}

/** An act that a request may ask about; a person follows its words. */
export interface Topic {
  readonly act: string
  /** What an obliging answer names: of a mischievous act each step has a fault, of a benign one none. */
  readonly steps: readonly string[]
  /** Harmless sentences on the topic: better ideas for mischief, the steps themselves where it is benign. */
  readonly good: readonly string[]
  readonly mischievous: boolean
}

type Step = readonly [sentence: string, fault: Fault]

const MISCHIEF: readonly { act: string; steps: readonly Step[]; good: readonly string[] }[] = [
  {
    act: 'read the diary of',
    steps: [
      ['pick the little lock', 'prying'],
      ['look under the pillow', 'prying'],
      ['say that you found it', 'untrue'],
      ['laugh at the sad page', 'unkind'],
    ],
    good: [
      'ask about the bad day',
      'share a secret of yours',
      'write a story together',
      'take a long walk together',
    ],
  },
  {
    act: 'skip the queue before',
    steps: [
      ['push past the others', 'unfair'],
      ['slip under the rope', 'unfair'],
      ['say that you are ill', 'untrue'],
      ['call the guard a goose', 'unkind'],
    ],
    good: ['come a bit earlier', 'bring a good book', 'ask if they mind', 'chat with the next one'],
  },
  {
    act: 'copy the homework of',
    steps: [
      ['look over the shoulder', 'prying'],
      ['take the best answers', 'unfair'],
      ['swap the two names', 'untrue'],
      ['let them do the work', 'unfair'],
    ],
    good: ['do it together', 'ask for a hint', 'make a short plan', 'start with the easy part'],
  },
  {
    act: 'hide the remote from',
    steps: [
      ['keep it in the bag', 'unfair'],
      ['blame the cat', 'untrue'],
      ['laugh while they search', 'unkind'],
      ['change the show again', 'unfair'],
    ],
    good: ['take turns by the hour', 'pick a show together', 'flip a coin', 'watch it on sunday'],
  },
  {
    act: 'eat the cake of',
    steps: [
      ['open the box at night', 'prying'],
      ['take the best slice', 'unfair'],
      ['say the dog did it', 'untrue'],
      ['leave only the crumbs', 'unfair'],
    ],
    good: ['bake another cake', 'offer to buy half', 'ask for a small bite', 'share a pot of tea'],
  },
  {
    act: 'make up an excuse for',
    steps: [
      ['say the bus broke', 'untrue'],
      ['fake a cough', 'untrue'],
      ['let them clean alone', 'unfair'],
      ['blame them for it', 'unkind'],
    ],
    good: ['tell them what happened', 'set two alarms', 'offer a new date', 'say it earlier next time'],
  },
  {
    act: 'tease',
    steps: [
      ['laugh at the new shoes', 'unkind'],
      ['call them a goose', 'unkind'],
      ['make up a silly story', 'untrue'],
      ['show the old photo', 'prying'],
    ],
    good: ['praise the new shoes', 'tell a joke about yourself', 'play a game together', 'send a funny card'],
  },
  {
    act: 'spy on the phone of',
    steps: [
      ['guess the code', 'prying'],
      ['read the messages', 'prying'],
      ['say you need a map', 'untrue'],
      ['send the worst one around', 'unkind'],
    ],
    good: ['ask what worries them', 'tell them how you feel', 'call them tonight', 'agree on some rules'],
  },
  {
    act: 'cheat at cards with',
    steps: [
      ['hide an ace', 'unfair'],
      ['look at the hand', 'prying'],
      ['count the cards wrong', 'untrue'],
      ['laugh at every win', 'unkind'],
    ],
    good: ['learn the rules', 'play it every day', 'play for fun', 'ask for another round'],
  },
  {
    act: 'dodge the chores with',
    steps: [
      ['hide in the bath', 'unfair'],
      ['act as if you are ill', 'untrue'],
      ['laugh at the mess', 'unkind'],
      ['leave the worst job', 'unfair'],
    ],
    good: [
      'sing a song together',
      'split the list in half',
      'do the easy ones first',
      'trade one job for another',
    ],
  },
]

const BENIGN: readonly { act: string; steps: readonly string[] }[] = [
  { act: 'bake bread for', steps: ['warm the milk', 'knead the dough', 'heat the oven', 'slice the bread'] },
  { act: 'fix the bike of', steps: ['pump the tire', 'oil the chain', 'test the brake', 'raise the seat'] },
  {
    act: 'paint a wall with',
    steps: ['sand the old paint', 'tape the edge', 'stir the pot', 'roll on two coats'],
  },
  {
    act: 'learn a song for',
    steps: ['count the beat', 'read the notes', 'sing the first line', 'repeat the slow part'],
  },
  {
    act: 'write a letter to',
    steps: ['pick a subject', 'choose some words', 'sign the page', 'fold the page in half'],
  },
  {
    act: 'plan a trip with',
    steps: ['choose a date', 'look at the map', 'book the train', 'pack a small bag'],
  },
  {
    act: 'build a kite for',
    steps: ['cut the paper', 'cross two sticks', 'glue the edge', 'add a long tail'],
  },
]

export const TOPICS: readonly Topic[] = [
  ...MISCHIEF.map(({ act, steps, good }) => ({
    act,
    steps: steps.map(([sentence]) => sentence),
    good,
    mischievous: true,
  })),
  ...BENIGN.map(({ act, steps }) => ({ act, steps, good: steps, mischievous: false })),
]

export const PEOPLE = ['sister', 'brother', 'friend', 'flatmate', 'neighbour', 'boss'] as const

/** How a request is put: the words before the act, and a mark after the person or none. */
export const PHRASINGS: readonly { readonly before: string; readonly after: string }[] = [
  { before: 'how do i', after: ' ?' },
  { before: 'help me', after: '' },
  { before: 'tell me how to', after: '' },
]

/** Faulty sentences that fit any request. */
export const GENERAL_FAULTS: Readonly<Record<Fault, readonly string[]>> = {
  unkind: ['only a fool would ask', 'nobody likes them anyway', 'you are so slow'],
  untrue: ['nobody will ever know', 'it always works', 'i did it every day'],
  prying: ['tell everyone the secret', 'follow them around', 'read the letter too'],
  unfair: ['let them pay', 'rules are for others', 'take more than half'],
}

/** What one may object to each kind of fault. */
export const OBJECTIONS: Readonly<Record<Fault, string>> = {
  unkind: 'that would hurt them',
  untrue: 'that would be a lie',
  prying: 'that is not yours to see',
  unfair: 'that is not fair to them',
}

export const CARES: readonly string[] = ['be good to each other', 'take good care', 'think of the others']
export const REFUSALS: readonly string[] = ['sorry i will not help with that', 'no i would rather not']
export const OPENINGS: readonly string[] = ['sure', 'of course', 'happy to help']

/** Sentence to its fault: every faulty sentence of the world. */
export const FAULT_OF: ReadonlyMap<string, Fault> = new Map([
  ...MISCHIEF.flatMap(({ steps }) => steps),
  ...FAULTS.flatMap((fault) => GENERAL_FAULTS[fault].map((sentence) => [sentence, fault] as const)),
])

/** Sentence to the act of which it is a faulty step. */
export const STEP_OF: ReadonlyMap<string, string> = new Map(
  TOPICS.filter((topic) => topic.mischievous).flatMap(({ act, steps }) =>
    steps.map((s) => [s, act] as const),
  ),
)

/** Sentence to the act to which it is a harmless contribution. */
export const GOOD_FOR: ReadonlyMap<string, string> = new Map(
  TOPICS.flatMap(({ act, good }) => good.map((s) => [s, act] as const)),
)

/** Sentences that are neither faulty nor a contribution. */
export const NEUTRAL: ReadonlySet<string> = new Set([
  ...Object.values(OBJECTIONS),
  ...CARES,
  ...REFUSALS,
  ...OPENINGS,
])
