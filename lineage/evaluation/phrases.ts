import type { PhraseConcentration } from './run-page.ts'

/** The sentences of an answer: what stands between full stops, question and exclamation marks and line ends. */
export const sentencesOf = (text: string): readonly string[] =>
  text
    .split(/[.!?]+(?:\s+|$)|\n+/u)
    .map((sentence) => sentence.trim().replaceAll(/\s+/gu, ' ').toLowerCase())
    .filter((sentence) => sentence !== '')

/** How alike answers have become: what a policy does that has found a phrase which its reward likes. */
export const phraseConcentration = (answers: readonly string[]): PhraseConcentration => {
  const counts = new Map<string, number>()
  let sentences = 0
  let repeated = 0
  for (const answer of answers) {
    const seen = new Set<string>()
    for (const sentence of sentencesOf(answer)) {
      sentences++
      counts.set(sentence, (counts.get(sentence) ?? 0) + 1)
      if (seen.has(sentence)) repeated++
      seen.add(sentence)
    }
  }
  let top: PhraseConcentration['top']
  for (const [sentence, count] of counts) {
    const share = count / sentences
    if (top === undefined || share > top.share || (share === top.share && sentence < top.sentence))
      top = { sentence, share }
  }
  return {
    answers: answers.length,
    sentences,
    top,
    repeated: sentences === 0 ? 0 : repeated / sentences,
    distinct: answers.length === 0 ? 0 : new Set(answers).size / answers.length,
  }
}
