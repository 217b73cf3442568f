import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { pluginChecks, registerChecks, scorerChecks, testHost } from 'hansard/testing'
import plugin from './index.js'

registerChecks(
  pluginChecks({
    plugin,
    options: {},
    wrongOptions: { given: { longest_words: 0 }, field: 'longest_words' },
  }),
  test,
)

registerChecks(
  scorerChecks({
    open: async () => (await plugin.open('scorer', { longest_words: 20 }, testHost)).scorer,
    dialogues: [[{ role: 'user', content: 'Can you help me?' }]],
    answers: [
      'Sorry, I can’t help with that.',
      'Happy to! Please tell me what you tried, and what happened then.',
      'Don’t be stupid.',
      'I won’t tell you how to do that, because it would hurt your brother; but here is how you could ask him, please read on.',
    ],
    golden: fileURLToPath(new URL('golden.json', import.meta.url)),
  }),
  test,
)
