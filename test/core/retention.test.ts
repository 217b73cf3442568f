import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Retention } from '../../core/retention.ts'
import type { BlobStore } from '../../events/blobs.ts'
import { openDirectoryBlobs } from '../../events/directory-blobs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retention-'))
})
afterAll(() => rm(folder, { recursive: true }))

const weights = (training: string, step: number): Uint8Array => Buffer.from(`${training} ${step}`)

/** Trains `steps` steps with a checkpoint after each; resolves to those whose files are there in the end. */
const train = async (
  blobs: BlobStore,
  { name, steps, published }: { name: string; steps: number; published: readonly number[] },
  keep: 'published' | 'all' = 'published',
): Promise<readonly number[]> => {
  const retention = new Retention(blobs, { keep, last: 2 })
  const checkpoints: { step: number; blob: string }[] = []
  for (let step = 1; step <= steps; step++) {
    const { digest } = await retention.put(weights(name, step))
    checkpoints.push({ step, blob: digest })
    await retention.release(checkpoints, new Set(published))
  }
  return stepsThere(blobs, checkpoints)
}

const stepsThere = async (blobs: BlobStore, checkpoints: readonly { step: number; blob: string }[]) => {
  const there: number[] = []
  for (const { step, blob } of checkpoints) if (await blobs.has(blob)) there.push(step)
  return there
}

describe('retention', () => {
  test('keeps published checkpoints and the last two, and releases the others', async () => {
    const blobs = await openDirectoryBlobs(join(folder, 'one'))
    expect(await train(blobs, { name: 'a', steps: 9, published: [2, 5] })).toEqual([2, 5, 8, 9])
  })

  test('keeps all where that is asked for', async () => {
    const blobs = await openDirectoryBlobs(join(folder, 'all'))
    expect(await train(blobs, { name: 'a', steps: 4, published: [] }, 'all')).toEqual([1, 2, 3, 4])
  })

  test('never takes from another run what both have: equal weights are one file', async () => {
    const blobs = await openDirectoryBlobs(join(folder, 'shared'))
    const first = await train(blobs, { name: 'a', steps: 6, published: [3] })
    expect(first).toEqual([3, 5, 6])
    const longer = await train(blobs, { name: 'a', steps: 9, published: [9] })
    expect(longer).toEqual([3, 5, 6, 8, 9])
  })
})
