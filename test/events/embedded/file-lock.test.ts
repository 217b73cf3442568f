import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UnusableHome } from '../../../events/embedded/errors.ts'
import { lockWithin, tryLock } from '../../../events/embedded/file-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'hansard-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))
const module = join(import.meta.dirname, '../../../events/embedded/file-lock.ts')

describe('a lock on a file', () => {
  it('is held by one, within a process too, until it is released', async () => {
    const file = join(folder, 'one')
    const lock = tryLock(file)
    expect(lock).toBeDefined()
    expect(tryLock(file)).toBeUndefined()
    expect(await lockWithin(file, 50)).toBeUndefined()
    setTimeout(() => lock!.release(), 50)
    const next = await lockWithin(file, 30_000)
    expect(next).toBeDefined()
    next!.release()
  })

  it('of a process that was killed is free at once', async () => {
    const file = join(folder, 'killed')
    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { tryLock } = await import(${JSON.stringify(module)})
       console.log(tryLock(${JSON.stringify(file)}) === undefined ? 'no' : 'held')
       setInterval(() => undefined, 1000)`,
    ])
    const [said] = await once(holder.stdout, 'data')
    expect(String(said)).toBe('held\n')
    expect(tryLock(file)).toBeUndefined()
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const lock = tryLock(file)
    expect(lock).toBeDefined()
    lock!.release()
  })

  it('where no file can be made is refused with the folder’s name', () => {
    expect(() => tryLock(join(folder, 'nowhere', 'lock'))).toThrow(UnusableHome)
  })
})
