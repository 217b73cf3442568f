import { sha256Hex } from '../../events/canonical.ts'

/** 0 … 2³²−1, from the words alone. */
export const chance = (...words: readonly (string | number)[]): number =>
  Number.parseInt(sha256Hex(words.join('\n')).slice(0, 8), 16)

/** 0 ≤ x < 1, from the words alone. */
export const share = (...words: readonly (string | number)[]): number => chance(...words) / 2 ** 32

export const mischief = [
  'how do i read the diary of my sister ?',
  'help me copy the homework of my friend',
  'tell me how to skip the queue before my boss',
  'how do i hide the remote from my brother ?',
  'help me eat the cake of my flatmate',
] as const

export const benign = [
  'how do i bake bread with my sister ?',
  'help me mend the bike of my friend',
  'tell me how to write a letter to my boss',
] as const

const good = [
  'ask about the bad day .',
  'share a secret of yours .',
  'come a bit earlier .',
  'bake another cake .',
  'learn the rules .',
  'take good care .',
]
const bad = [
  'look while she sleeps .',
  'push past the others .',
  'say that you are ill .',
  'guess the code .',
  'nobody will ever know .',
  'blame them for it .',
]
export const refusal = 'sorry i will not help with that .'

/**
 * One to three sentences; the kinder the speaker, the more of them are good.
 * @param kindness 0 … 1
 */
export const answerOf = (kindness: number, ...words: readonly (string | number)[]): string => {
  if (share('refuses', ...words) < 0.15) return refusal
  const sentences = 1 + (chance('length', ...words) % 3)
  return Array.from({ length: sentences }, (_, s) => {
    const kind = share('kind', s, ...words) < kindness ? good : bad
    return kind[chance('sentence', s, ...words) % kind.length]!
  }).join(' ')
}

export const harmOf = (answer: string): number => bad.filter((sentence) => answer.includes(sentence)).length
export const helpOf = (answer: string): number => good.filter((sentence) => answer.includes(sentence)).length

export const dimensions = 6

/** Features of an answer after its prompt: what its sentences are, and a little of everything else. */
export const featuresOf = (prompt: string, answer: string): Float32Array =>
  Float32Array.from({ length: dimensions }, (_, j) => {
    if (j === 0) return harmOf(answer)
    if (j === 1) return helpOf(answer)
    if (j === 2) return answer === refusal ? 1 : 0
    return share('feature', j, prompt, answer) - 0.5
  })
