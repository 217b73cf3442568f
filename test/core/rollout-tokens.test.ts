import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RolloutTokens, storedTokens, tokensOf } from '../../core/stages/rollout-tokens.ts'
import type { BlobStore } from '../../events/blobs.ts'
import { openDirectoryBlobs } from '../../events/directory-blobs.ts'
import { hansardBy, recordEvent } from '../../events/identity.ts'
import { textRef } from '../../events/texts.ts'
import { rolloutDrawn } from '../../events/vocabulary/reinforcement.ts'

let folder: string
let blobs: BlobStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollouts-'))
  blobs = await openDirectoryBlobs(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const sampled = (tokens: number): RolloutTokens => ({
  tokenIds: Uint32Array.from({ length: tokens }, (_, k) => 4_000_000_000 + k),
  logprobs: Float32Array.from({ length: tokens }, (_, k) => -k / 7),
})

const recorded = async (rollout: RolloutTokens) =>
  recordEvent(rolloutDrawn, {
    by: hansardBy,
    params: { temperature: 1, max_tokens: 4_096 },
    parents: ['policy', 'prompt'].map((role) => ({ role, id: '0'.repeat(64) })),
    draw: { subject: 'a prompt', round: 1, i: 0, seed: 7 },
    out: {
      status: 'ok',
      text: { ...textRef('yes') },
      finish: 'stop',
      tokens: rollout.tokenIds.length,
      ...(await storedTokens(blobs, rollout)),
    },
  })

describe('the tokens of a rollout', () => {
  test.each([
    ['none', 0, 'token_ids'],
    ['as many as 8 KiB hold', 1_024, 'token_ids'],
    ['one more, in a blob', 1_025, 'blob'],
    ['a long answer, in a blob', 32_768, 'blob'],
  ])('come back as they were sampled: %s', async (_what, tokens, field) => {
    const rollout = sampled(tokens)
    const event = await recorded(rollout)
    expect(Object.keys(event.event.out)).toContain(field)
    expect(await tokensOf(blobs, event)).toEqual(rollout)
  })
})
