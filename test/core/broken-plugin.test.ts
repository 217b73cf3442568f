import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryHome } from '../events/embedded/temporary-home.ts'
import { hansard, sealedBy } from './command.ts'

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const instant = fileOf('./instant.yaml')
const lock = JSON.parse(readFileSync(fileOf('../seal.lock'), 'utf8')) as { readonly instant: string }

describe('a run whose plugin breaks in the middle', () => {
  const home = temporaryHome()
  afterAll(() => home.remove(), 60_000)

  test('ends with exit code 1, and says which plugin did what', async () => {
    const { code, stderr } = await hansard(['run', instant, '--home', home.folder, '--json'], {
      INSTANT_BREAKS: 'choose',
    })
    expect(stderr).toMatch(/hansard: .*instant.*choose threw: no more paper in the printer/)
    expect(stderr).not.toContain('not expected')
    expect(code).toBe(1)
  }, 60_000)

  test('goes on from there once it is mended, asks nothing again, and has the seal of an undisturbed run', async () => {
    const { seal, modelCalls } = await sealedBy(home.folder, instant)
    expect(seal).toBe(lock.instant)
    // An undisturbed run asks more than 1,000 things.
    expect(modelCalls).toBeLessThan(1_000)
  }, 120_000)
})
