import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../../events/canonical.ts'
import { PluginRefused, UnreadableFile } from '../../../../plugins/errors.ts'
import { listPlugins, openPlugins } from '../../../../plugins/loader.ts'
import { ggufFile } from '../../../../plugins/models/llama/gguf-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hansard-llama-'))
})
afterAll(() => rm(folder, { recursive: true }))

const installed = (() => {
  try {
    return findPackageJSON('node-llama-cpp', import.meta.url) !== undefined
  } catch {
    return false
  }
})()

const open = (options: unknown) =>
  openPlugins({ workers: 1, folder, notice: () => {} }).model({ plugin: 'llama', options })

test.skipIf(installed)('without node-llama-cpp, it says what to type', async () => {
  const opening = open({ model: 'model.gguf' })
  await expect(opening).rejects.toBeInstanceOf(PluginRefused)
  await expect(opening).rejects.toMatchObject({
    message: 'plugin “llama”: it needs the package node-llama-cpp, which is not installed',
    mend: expect.stringContaining('npm install node-llama-cpp@3'),
    exit: 2,
  })
})

test('options are refused by their field', async () => {
  await expect(open({ model: 'x', threads: 0, sead: 1 })).rejects.toThrow(
    /options.threads: .*options: .*"sead"/,
  )
  await expect(open({})).rejects.toThrow(/options.model: /)
})

test('listing plugins loads no model', async () => {
  const listed = await listPlugins(folder)
  expect(listed.map(({ name }) => name)).toEqual(['files', 'llama', 'pocket'])
  expect(listed.find(({ name }) => name === 'llama')?.provides).toEqual(['model'])
})

describe('a GGUF file', () => {
  const find = (name: string, expected?: string) => ggufFile(name, folder, expected, () => {})

  test('is known by its digest, which may be demanded', async () => {
    const bytes = Buffer.from('GGUF and more')
    await writeFile(join(folder, 'model.gguf'), bytes)
    expect(await find('model.gguf')).toEqual({ path: join(folder, 'model.gguf'), sha256: sha256Hex(bytes) })
    await expect(find('model.gguf', sha256Hex(bytes))).resolves.toBeDefined()
    await expect(find('model.gguf', sha256Hex('other'))).rejects.toThrow(/has the sha-256 .* expects/)
  })

  test('is refused where it is none, empty, a folder or not there', async () => {
    await writeFile(join(folder, 'text.gguf'), 'once upon a time')
    await writeFile(join(folder, 'empty.gguf'), '')
    for (const name of ['text.gguf', 'empty.gguf', '.', 'nowhere.gguf']) {
      await expect(find(name)).rejects.toBeInstanceOf(UnreadableFile)
    }
  })
})
