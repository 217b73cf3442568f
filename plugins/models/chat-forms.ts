import type { Chat, Message } from './chat-format.ts'

/** A piece of a rendered chat. Only marks are read as special tokens: a text that imitates one stays a text. */
export interface Piece {
  readonly text: string
  readonly mark: boolean
}

/** How a family of models marks the turns of a chat. */
export interface ChatForm {
  readonly name: string
  /** Whether there is a turn for the system; else its words stand before the first user turn. */
  readonly system: boolean
  readonly open: (role: Message['role']) => readonly Piece[]
  readonly close: readonly Piece[]
  /** Texts at which an answer ends, where the form has no special token for it. */
  readonly stops: readonly string[]
}

const mark = (text: string): Piece => ({ text, mark: true })
const words = (text: string): Piece => ({ text, mark: false })

/** Forms by the mark that gives them away in a model’s own template. */
const forms: readonly (ChatForm & { readonly sign: string | undefined })[] = [
  {
    name: 'chatml',
    sign: '<|im_start|>',
    system: true,
    open: (role) => [mark('<|im_start|>'), words(`${role}\n`)],
    close: [mark('<|im_end|>'), words('\n')],
    stops: [],
  },
  {
    name: 'llama3',
    sign: '<|start_header_id|>',
    system: true,
    open: (role) => [mark('<|start_header_id|>'), words(role), mark('<|end_header_id|>'), words('\n\n')],
    close: [mark('<|eot_id|>')],
    stops: [],
  },
  {
    name: 'gemma',
    sign: '<start_of_turn>',
    system: false,
    open: (role) => [mark('<start_of_turn>'), words(`${role === 'assistant' ? 'model' : role}\n`)],
    close: [mark('<end_of_turn>'), words('\n')],
    stops: [],
  },
  {
    name: 'phi3',
    sign: '<|assistant|>',
    system: true,
    open: (role) => [mark(`<|${role}|>`), words('\n')],
    close: [mark('<|end|>'), words('\n')],
    stops: [],
  },
  {
    name: 'plain',
    sign: undefined,
    system: false,
    open: (role) => [words(`\n\n${role === 'assistant' ? 'Assistant' : 'Human'}:`)],
    close: [],
    stops: ['\n\nHuman:', '\nHuman:'],
  },
]

export const chatFormNames = forms.map(({ name }) => name)

/** The form of that name. @throws where there is none */
export function chatFormNamed(name: string): ChatForm {
  const form = forms.find((one) => one.name === name)
  if (!form) throw new Error(`there is no chat form ${name}`)
  return form
}

/** The form that a model’s own template (Jinja) speaks of; undefined where none is recognised. */
export const chatFormOf = (template: string): ChatForm | undefined =>
  forms.find(({ sign }) => sign !== undefined && template.includes(sign))

/** A chat as the model reads it, up to where its next token is asked for. */
export const renderForAnswer = (form: ChatForm, { messages, begun }: Chat): readonly Piece[] => [
  ...messagesOf(form, messages).flatMap((message) => turn(form, message)),
  ...form.open('assistant'),
  ...(begun === '' ? [] : [body(form, begun)]),
]

/** A chat that ends with an answer, up to the mark that closes it: the state there stands for the answer. */
export const renderWhole = (form: ChatForm, { messages }: Chat): readonly Piece[] => {
  const turns = messagesOf(form, messages)
  return turns.flatMap((message, i) =>
    i < turns.length - 1
      ? turn(form, message)
      : [...form.open(message.role), body(form, message.content), ...form.close.slice(0, 1)],
  )
}

/** A template that shows a reader of the record how turns are marked. */
export const exampleOf = (form: ChatForm): string =>
  renderForAnswer(form, {
    messages: [
      { role: 'system', content: '{system}' },
      { role: 'user', content: '{user}' },
      { role: 'assistant', content: '{assistant}' },
      { role: 'user', content: '{user}' },
    ],
    begun: '{begun}',
  })
    .map(({ text }) => text)
    .join('')

const turn = (form: ChatForm, { role, content }: Message): readonly Piece[] => [
  ...form.open(role),
  body(form, content),
  ...form.close,
]

/** In the plain form a space stands after the colon. */
const body = (form: ChatForm, content: string): Piece =>
  words(form.name === 'plain' ? ` ${content}` : content)

const messagesOf = (form: ChatForm, messages: readonly Message[]): readonly Message[] => {
  const [system, first, ...rest] = messages
  if (form.system || system?.role !== 'system') return messages
  if (form.name === 'plain' || first?.role !== 'user') return messages.slice(1)
  return [{ role: 'user', content: `${system.content}\n\n${first.content}` }, ...rest]
}
