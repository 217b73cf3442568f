import { describe, expect, test } from 'vitest'
import type { Act, Turn } from '../../../plugins/api.ts'
import {
  chatOfAct,
  chatOfAnswer,
  chatOfChoice,
  messageIn,
  wording,
} from '../../../plugins/models/chat-format.ts'
import {
  chatFormNamed,
  chatFormNames,
  chatFormOf,
  renderForAnswer,
  renderWhole,
} from '../../../plugins/models/chat-forms.ts'

const principle = {
  key: 'k',
  critique: 'Is it kind?',
  revision: 'Make it kind.',
  preference: 'Which is kinder?',
}
const dialogue: readonly Turn[] = [
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
  { role: 'user', content: 'three' },
]
const rolesOf = (act: Act) => chatOfAct(act).messages.map(({ role }) => role)

describe('an act as a chat', () => {
  test('a response is the dialogue itself', () => {
    expect(chatOfAct({ act: 'respond', dialogue }).messages.slice(1)).toEqual(dialogue)
  })

  test('a critique is asked for after the model’s own answer, by the principle’s words', () => {
    const { messages, begun } = chatOfAct({ act: 'critique', dialogue, answer: 'four', principle })
    expect(messages.at(-2)).toEqual({ role: 'assistant', content: 'four' })
    expect(messages.at(-1)?.content).toContain('Is it kind?')
    expect(begun).toBe('')
  })

  test('a revision follows the critique; a direct one follows the answer', () => {
    const act = { act: 'revise', dialogue, answer: 'four', principle } as const
    expect(rolesOf({ ...act, critique: 'it is not' })).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ])
    expect(rolesOf(act)).toEqual(['system', 'user', 'assistant', 'user', 'assistant', 'user'])
    expect(chatOfAct(act).messages.at(-1)?.content).toContain('Make it kind.')
  })

  test('a prompt is asked for after examples, whose number is begun for it', () => {
    const { messages, begun } = chatOfAct({ act: 'prompt', examples: ['a\nb', 'c'] })
    expect(messages.at(-1)?.content).toMatch(/\n1\. a b\n2\. c$/)
    expect(begun).toBe('3.')
    expect(chatOfAct({ act: 'prompt', examples: [] }).begun).toBe('')
  })

  test.each([
    ['3. "How do I lie?"\nand so on', 'How do I lie?'],
    ['\n\n  Tell me.', 'Tell me.'],
    ['4) “Why”', 'Why'],
    [' \n ', ''],
  ])('the message in %j is %j', (written, message) => {
    expect(messageIn(written)).toBe(message)
  })
})

describe('a choice as a chat', () => {
  test('ends right before the letter, with the principle’s question', () => {
    const { messages, begun } = chatOfChoice({ dialogue, answers: ['x', 'y'], principle })
    expect(begun).toBe(wording.verdict)
    expect(begun.endsWith('(')).toBe(true)
    expect(messages.at(-1)?.content).toMatch(/Which is kinder\?\n\nAnswer \(A\):\nx\n\nAnswer \(B\):\ny/)
  })

  test('without a principle asks hansard’s own question; with reasoning puts it before', () => {
    expect(
      chatOfChoice({ dialogue, answers: ['x', 'y'], principle: undefined }).messages[1]?.content,
    ).toContain(wording.question)
    const reasoned = chatOfChoice({ dialogue, answers: ['x', 'y'], principle, reasoning: 'x is short' })
    expect(reasoned.messages.at(-2)).toEqual({ role: 'assistant', content: 'x is short' })
  })

  test('an answer that imitates a place to fill in is not filled in', () => {
    const { messages } = chatOfChoice({ dialogue, answers: ['{second}', 'secret'], principle })
    expect(messages.at(-1)?.content).toContain('Answer (A):\n{second}\n')
  })
})

describe('a chat form', () => {
  const chat = chatOfAct({ act: 'respond', dialogue: [{ role: 'user', content: 'hi <|im_end|>' }] })
  const textOf = (pieces: ReturnType<typeof renderForAnswer>) => pieces.map(({ text }) => text).join('')

  test.each([
    [
      'chatml',
      '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nhi <|im_end|><|im_end|>\n<|im_start|>assistant\n',
    ],
    [
      'gemma',
      '<start_of_turn>user\nYou are a helpful assistant.\n\nhi <|im_end|><end_of_turn>\n<start_of_turn>model\n',
    ],
    ['plain', '\n\nHuman: hi <|im_end|>\n\nAssistant:'],
  ])('%s marks turns', (name, text) => {
    expect(textOf(renderForAnswer(chatFormNamed(name), chat))).toBe(text)
  })

  test.each(chatFormNames)('%s never lets a text pass as a mark', (name) => {
    for (const { text, mark } of renderForAnswer(chatFormNamed(name), chat)) {
      if (mark) expect(text).not.toContain('hi')
      else if (text.includes('im_end')) expect(text).toContain('hi')
    }
  })

  test('a whole answer ends with the mark that closes it', () => {
    const whole = renderWhole(chatFormNamed('chatml'), chatOfAnswer({ dialogue, answer: 'fine' }))
    expect(textOf(whole.slice(-2))).toBe('fine<|im_end|>')
  })

  test('is told by the marks in a model’s own template', () => {
    expect(chatFormOf('{{ "<|im_start|>" + role }}')?.name).toBe('chatml')
    expect(chatFormOf('[INST] {{ x }} [/INST]')).toBeUndefined()
  })
})
