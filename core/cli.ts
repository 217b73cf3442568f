import { CommanderError } from 'commander'
import { openProgram } from './program.ts'

/** A command may leave a timer or a socket behind; after its answer nobody waits longer than this. */
const lastWord_ms = 3_000

/** A reader that has seen enough (`hansard events | head`) is no failure. */
const endQuietlyOnClosedPipe = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Runs the command line; `argv` as in `process.argv`. Sets the exit code: 0, 1, 2, 3 or 130. */
export const main = async (argv: readonly string[]): Promise<void> => {
  endQuietlyOnClosedPipe()
  const { program, exitCode } = openProgram()
  try {
    if (argv.length <= 2) program.outputHelp()
    else await program.parseAsync([...argv])
    process.exitCode = exitCode()
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else {
      const { explainError } = await import('./explain-error.ts')
      const explained = explainError(error, argv.includes('--debug'))
      process.stderr.write(explained.lines.map((line) => `${line}\n`).join(''))
      process.exitCode = explained.exit
    }
  }
  setTimeout(() => process.exit(), lastWord_ms).unref()
}
