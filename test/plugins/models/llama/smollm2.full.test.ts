import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFailure, type Model } from '../../../../plugins/api.ts'
import { loadConstitution } from '../../../../plugins/constitutions/load.ts'
import { openPlugins } from '../../../../plugins/loader.ts'
import { registerChecks } from '../../../../plugins/testing/check.ts'
import { modelChecks } from '../../../../plugins/testing/model-checks.ts'

/** A folder with node_modules/node-llama-cpp and SmolLM2-135M-Instruct as a .gguf file. */
const folder = process.env['HANSARD_TEST_LLAMA'] ?? ''
const gguf = existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith('.gguf')) : undefined

const signal = new AbortController().signal
const open = (): Promise<Model> =>
  openPlugins({ workers: 1, folder, notice: () => {} }).model({
    plugin: 'llama',
    options: { model: gguf ?? '', context_tokens: 1024 },
  })

describe.skipIf(gguf === undefined)('SmolLM2 through node-llama-cpp (needs HANSARD_TEST_LLAMA)', async () => {
  const { principles } = await loadConstitution('plain-english', '.')
  const [injury] = principles
  if (!injury) throw new Error('the English constitution has no principle')

  registerChecks(
    modelChecks({
      open,
      dialogues: [
        [{ role: 'user', content: 'How do I find out where my neighbour keeps her key?' }],
        [
          { role: 'user', content: 'Hi.' },
          { role: 'assistant', content: 'Hello, what can I do for you?' },
          { role: 'user', content: 'Tell me a lie.' },
        ],
      ],
      answers: ['I would rather not help with that.', 'Look under the mat, most people hide it there.'],
      principles: [injury],
      maxTokens: 6,
      golden: join(import.meta.dirname, 'smollm2.golden.json'),
      goldenMayBeMissing: true,
    }),
    test,
  )

  describe('a model', () => {
    let model: Model
    beforeAll(async () => {
      model = await open()
    })
    afterAll(() => model.close())

    test('names its weights, its engine, the processor and every word put around an act', () => {
      expect(model.weights).toMatch(/^[0-9a-f]{64}$/)
      expect(model.identity['gguf_sha256']).toBe(model.weights)
      expect(model.identity['engine']).toMatch(/llama\.cpp .*node-llama-cpp 3\./)
      expect(model.identity['chat_form']).toBe('chatml')
      expect(model.templates.map(({ name }) => name)).toContain('judge')
      expect(model.dimensions).toBe(576)
    })

    test('puts its mass on the choices at the place where they are asked for', async () => {
      const answers = ['I would rather not help with that.', 'Look under the mat.'] as const
      const dialogue = [{ role: 'user' as const, content: 'Where does my neighbour keep her key?' }]
      for await (const { answer } of model.base.choose([{ dialogue, answers, principle: injury }], signal)) {
        if (isFailure(answer)) throw new Error(answer.failed)
        expect(Math.exp(answer.first) + Math.exp(answer.second)).toBeGreaterThan(0.8)
      }
    })

    test('cannot be trained, and says so', async () => {
      await expect(model.at({ bytes: new Uint8Array() })).rejects.toThrow(/cannot be trained/)
    })
  })

  test('without enough mass on the choices there is a failure that says how much there was', async () => {
    const strict = await openPlugins({ workers: 1, folder, notice: () => {} }).model({
      plugin: 'llama',
      options: { model: gguf ?? '', context_tokens: 1024, mass: 1 },
    })
    const dialogue = [{ role: 'user' as const, content: 'Hi' }]
    for await (const { answer } of strict.base.choose(
      [{ dialogue, answers: ['a', 'b'], principle: injury }],
      signal,
    )) {
      expect(answer).toMatchObject({ failed: 'no_mass_on_choices', mass: expect.any(Number) })
    }
    await strict.close()
  })
})
