import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HansardError } from '../events/errors.ts'
import { readYaml } from '../plugins/located-yaml.ts'
import { runFileSchema, type Settings } from './settings.ts'

export interface RunFile {
  readonly settings: Settings
  /** Paths in the file are relative to this folder. */
  readonly folder: string
}

/** The run file is read whole: a list of settings, not a dataset. */
const maxBytes = 1_000_000

/**
 * Reads a run file (YAML) and fills in the defaults; without a file they are the default run.
 * @throws InvalidFile naming line and column, or RunFileMissing
 */
export const readRunFile = async (file: string | undefined): Promise<RunFile> => {
  if (file === undefined) return { settings: runFileSchema.parse({}), folder: process.cwd() }
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RunFileMissing(file, cause)
  })
  if (text.length > maxBytes) throw new RunFileMissing(file, new Error(`larger than ${maxBytes} bytes`))
  return { settings: readYaml(text.trim() === '' ? '{}' : text, file, runFileSchema), folder: dirname(path) }
}

class RunFileMissing extends HansardError {
  constructor(file: string, cause: unknown) {
    super('run_file_missing', `the run file ${file} cannot be read: ${(cause as Error).message}`, {
      exit: 2,
      mend: 'name a YAML file, or none for the default run',
      cause,
    })
  }
}
