import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { modelChecks, pluginChecks, registerChecks, testHost } from 'hansard/testing'
import plugin from './index.js'

registerChecks(
  pluginChecks({ plugin, options: {}, wrongOptions: { given: { txt: 'a.txt' }, field: 'txt' } }),
  test,
)

registerChecks(
  modelChecks({
    open: async () => (await plugin.open('model', {}, testHost)).model,
    dialogues: [
      [{ role: 'user', content: 'May I read a letter that is not mine?' }],
      [
        { role: 'user', content: 'I broke the cup.' },
        { role: 'assistant', content: 'That can happen.' },
        { role: 'user', content: 'Shall I tell my brother?' },
      ],
    ],
    answers: ['Ask your friend.', 'Say that you broke the cup, and say it kindly.'],
    principles: [
      {
        key: 'kind',
        critique: 'Is it kind?',
        revision: 'Say it kindly.',
        preference: 'Which is said kindly?',
      },
    ],
    golden: fileURLToPath(new URL('golden.json', import.meta.url)),
  }),
  test,
)
