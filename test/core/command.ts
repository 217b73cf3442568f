import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The command line as the sources have it, so that a test never runs an old build. */
const entry = fileURLToPath(new URL('./command-program.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts `hansard …` in a process group of its own. */
export const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })
  return { child, ended: endOf(child) }
}

const endOf = (child: ChildProcess): Promise<Ended> => {
  let stdout = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** Runs `hansard …` to its end. */
export const hansard = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> => start(args, environment).ended

export interface RunAnswer {
  readonly run: string
  readonly seal: string
  readonly events: number
  readonly modelCalls: number
  readonly seconds: number
}

/** Runs a run file to its seal. @throws with what was said where it fails */
export const sealedBy = async (
  home: string,
  file: string,
  ...more: readonly string[]
): Promise<RunAnswer> => {
  const { code, stdout, stderr } = await hansard(['run', file, '--home', home, '--json', ...more])
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}\n${stdout}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as RunAnswer
}
