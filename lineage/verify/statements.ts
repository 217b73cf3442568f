/** What a verification went through. */
export interface VerifiedCounts {
  readonly events: number
  readonly texts: number
  readonly keyed: number
  readonly blobs: number
  readonly released: number
  readonly opaque: number
  /** Runs whose seal is right. */
  readonly sealed: number
  readonly bad: number
}

const number = (count: number): string => count.toLocaleString('en')
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`

/** What follows from a verification: only from what was found right, whatever else was found. */
export const proves = (counts: VerifiedCounts): readonly string[] => [
  `the bytes of ${plural(counts.events, 'event')} are those of their ids, and so is every event that these rest on` +
    (counts.bad === 0 ? '' : ', but for what is named above'),
  `${plural(counts.texts, 'text')} and ${plural(counts.blobs, 'file')} are those that the events name`,
  ...(counts.sealed === 0
    ? []
    : [
        `${plural(counts.sealed, 'seal')} ${counts.sealed === 1 ? 'is' : 'are'} over exactly the events that the run’s ` +
          'stages used: whoever noted a seal elsewhere can tell by it that this is the run they saw',
      ]),
]

/** What nobody should read into a verification. */
export const doesNotProve = (counts: VerifiedCounts): readonly string[] => [
  'who wrote the record, or when: nothing is signed, and times are what hosts said',
  'that nothing was rewritten from the start: whoever can replace every event and seal leaves no trace here, only a ' +
    'seal noted elsewhere shows it',
  'that a model gave these answers: `hansard replay` trains again and compares weights',
  'headers (times, durations, hosts) and events that no seal covers beyond their own bytes',
  ...(counts.released === 0
    ? []
    : [
        `${plural(counts.released, 'checkpoint')} whose files retention released: only their digests are left`,
      ]),
  ...(counts.keyed === 0
    ? []
    : [
        `${plural(counts.keyed, 'text')} under keyed digests: measured, not hashed, since that takes their salts`,
      ]),
  ...(counts.opaque === 0
    ? []
    : [
        `${plural(counts.opaque, 'event')} of types or versions that this hansard does not know: hashed and walked, ` +
          'not understood',
      ]),
]
