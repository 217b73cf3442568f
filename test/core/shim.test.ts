import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryHome } from '../events/embedded/temporary-home.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'hansard-shim-'))
const { folder: home, remove } = temporaryHome()
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await remove()
})

/** Makes the Node that starts the shim call itself an older one; the Node that it hands over to is what it is. */
const older = join(folder, 'older.cjs')
writeFileSync(
  older,
  `if (process.env.PRETEND_OLDER) {
    delete process.env.PRETEND_OLDER
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })
  }`,
)

const start = (shim: string, args: readonly string[], pretend = true) => {
  const child = spawn(process.execPath, ['-r', older, shim, ...args], {
    env: { ...process.env, ...(pretend ? { PRETEND_OLDER: '1' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ exit: number | null; signal: string | null; stdout: string; stderr: string }>(
    (resolve) => child.on('close', (exit, signal) => resolve({ exit, signal, stdout, stderr })),
  )
  return { child, ended, said: () => stderr }
}

const shim = join(root, 'bin', 'hansard.cjs')

/** A copy of the shim in a folder that lacks something. */
const lacking = (name: string, built: boolean): string => {
  mkdirSync(join(folder, name, 'bin'), { recursive: true })
  cpSync(shim, join(folder, name, 'bin', 'hansard.cjs'))
  if (built) {
    mkdirSync(join(folder, name, 'dist', 'core'), { recursive: true })
    writeFileSync(join(folder, name, 'dist', 'core', 'cli.js'), 'export const main = () => {}')
  }
  return join(folder, name, 'bin', 'hansard.cjs')
}

describe('bin/hansard.cjs under an older Node', () => {
  test('hands over to the Node that came with the packages, and passes the exit code on', async () => {
    const version = await start(shim, ['--version']).ended
    expect(version).toMatchObject({ exit: 0, stderr: '' })
    expect((await start(shim, ['doctor', '--home', home, '--json']).ended).stdout).toContain('"v24.')
    expect(await start(shim, ['nonsense']).ended).toMatchObject({ exit: 2, stdout: '' })
  })

  test('passes Ctrl-C on: the run stops cleanly, with 130', async () => {
    const run = join(import.meta.dirname, 'instant.yaml')
    const { child, ended, said } = start(shim, ['run', run, '--home', home, '--plain'])
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!said().includes('Prompts') && child.exitCode === null) return
        clearInterval(look)
        resolve()
      }, 20)
    })
    child.kill('SIGINT')
    const { exit, stderr } = await ended
    expect(stderr).toContain('stopped. Nothing that was answered is lost')
    expect(exit).toBe(130)
  })

  test('says in one sentence that there is no newer one', async () => {
    const { exit, stderr } = await start(lacking('no-node', true), ['runs']).ended
    expect(stderr).toMatch(/^hansard: it needs Node 24 or newer; this is .+\.\n$/)
    expect(exit).toBe(2)
  })
})

describe('bin/hansard.cjs', () => {
  test('says what to type where nothing is built', async () => {
    const { exit, stderr } = await start(lacking('no-build', false), ['runs'], false).ended
    expect(stderr).toBe(`hansard: it is not built yet: run \`npm ci\` in ${join(folder, 'no-build')}.\n`)
    expect(exit).toBe(2)
  })
})
