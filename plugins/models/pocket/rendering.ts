import type { Act, Choice, EmbedRequest, Principle, Turn } from '../../api.ts'
import { UnknownWord } from './errors.ts'
import { critiquePrompt, dialogueText, judgePrompt } from './world/documents.ts'
import { encode, encodeWords, MARKS, tokenOf } from './world/vocabulary.ts'

/** Acts in the forms of the documents that the base was trained on. It answers one request, the last one. */
export const TEMPLATES: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'prompt', text: '<q>' },
  { name: 'respond', text: '<q> {request} <a>' },
  { name: 'critique', text: '<q> {request} <a> {answer} <c> {principle} :' },
  { name: 'revise', text: '<q> {request} <a> {answer} <c> {principle} : {critique} <r>' },
  { name: 'revise-direct', text: '<q> {request} <a> {answer} <c> {principle} : <r>' },
  { name: 'judge', text: '<q> {request} <1> {first} <2> {second} <j> {principle} :' },
  { name: 'embed', text: '<q> {request} <a> {answer} <e>' },
]

/** What a choice without a principle is made by. */
export const GENERAL_PRINCIPLE = 'avoid what is bad and offer a better idea'

/** Marks that end a text, whatever the act: all but those that stand within sentences. */
export const STOPS: readonly number[] = MARKS.filter((mark) => mark.startsWith('<')).map((mark) =>
  tokenOf(mark),
)

/** The request that an act is about: the last thing the user said. */
export const requestOf = (dialogue: readonly Turn[]): string =>
  dialogue.findLast((turn) => turn.role === 'user')?.content ?? ''

/** What the model reads before it writes. @throws UnknownWord */
export function promptOf(act: Act): Int32Array {
  switch (act.act) {
    case 'prompt':
      return encode('<q>')
    case 'respond':
      return encode(`<q> ${checkedRequest(act.dialogue)} <a>`)
    case 'critique':
      return encode(
        critiquePrompt(checkedRequest(act.dialogue), act.answer, wording(act.principle, 'critique')),
      )
    case 'revise': {
      const principle = wording(act.principle, 'revision')
      const before = critiquePrompt(checkedRequest(act.dialogue), act.answer, principle)
      return encode(act.critique === undefined ? `${before} <r>` : `${before} ${act.critique} <r>`)
    }
    default:
      throw new TypeError('The pocket model chooses without reasoning')
  }
}

/** @throws UnknownWord */
export function choicePrompt({ dialogue, answers: [first, second], principle }: Choice): Int32Array {
  const asked = principle === undefined ? GENERAL_PRINCIPLE : wording(principle, 'preference')
  return encode(judgePrompt(checkedRequest(dialogue), first, second, asked))
}

/** A whole dialogue, and at which token the answer begins. @throws UnknownWord */
export function answered({ dialogue, answer }: EmbedRequest): { tokens: Int32Array; from: number } {
  const request = checkedRequest(dialogue)
  return {
    tokens: encode(`${dialogueText(request, answer)} <e>`),
    from: encode(`<q> ${request} <a>`).length,
  }
}

/** The words of a request; marks in it would be read as another document's. */
function checkedRequest(dialogue: readonly Turn[]): string {
  const request = requestOf(dialogue)
  encodeWords(request)
  return request
}

const wording = (principle: Principle, field: 'critique' | 'revision' | 'preference'): string =>
  principle[field] ?? ''

/** @throws UnknownWord naming the principle and its text */
export function checkPrinciples(principles: readonly Principle[]): void {
  for (const principle of principles) {
    for (const field of ['critique', 'revision', 'preference'] as const) {
      const text = wording(principle, field)
      try {
        encodeWords(text)
      } catch (error) {
        throw error instanceof UnknownWord ? error.at(`principle “${principle.key}”, ${field}`, text) : error
      }
    }
  }
}

/** Tokens without the stop mark at their end, if there is one. */
export const withoutStop = (tokens: Int32Array): Int32Array =>
  STOPS.includes(tokens.at(-1) ?? -1) ? tokens.subarray(0, -1) : tokens
