import { HansardError } from '../events/errors.ts'
import { visible } from './visible.ts'

const limitProblem = 2_000

/** What an unknown error says, in one line that cannot drive a terminal. */
export const sayingOf = (error: unknown): string =>
  visible(error instanceof Error ? error.message : String(error)).slice(0, limitProblem)

/** A file that people write (a constitution, a run file) does not say what it must; one line a problem. */
export class InvalidFile extends HansardError {
  readonly problems: readonly string[]

  constructor(problems: readonly string[], cause?: unknown) {
    super('file_invalid', problems.map((problem) => visible(problem)).join('\n'), {
      exit: 2,
      mend: 'mend these places and try again',
      cause,
    })
    this.problems = problems
  }
}

/** A path that a file names leads out of that file’s folder. */
export class PathRefused extends HansardError {
  constructor(what: string, given: string, why: string) {
    super('path_refused', `${what} “${visible(given)}” is refused: ${why}`, {
      exit: 2,
      mend: `name a file inside the folder of the file that names it, by a relative path`,
    })
  }
}

/** A file that is not there, cannot be read, or is larger than its kind may be. */
export class UnreadableFile extends HansardError {
  constructor(what: string, name: string, why: string | NodeJS.ErrnoException, mend?: string) {
    super(
      'file_unreadable',
      `${what} “${visible(name)}” cannot be read: ${typeof why === 'string' ? why : reasonOf(why)}`,
      { exit: 2, mend, cause: typeof why === 'string' ? undefined : why },
    )
  }
}

/** A row of a data file that is not what its format says. */
export class InvalidRow extends HansardError {
  /** @param row index of the row, from 0 */
  constructor(file: string, row: number, why: string, mend?: string) {
    super('row_invalid', `${visible(file)}, line ${row + 1}: ${visible(why)}`, { exit: 2, mend })
  }
}

/** A principle without a text that the model reads. */
export class PrincipleRefused extends HansardError {
  constructor(key: string, model: string, field: string) {
    super('principle_refused', `principle “${visible(key)}” has no ${field}, which ${visible(model)} reads`, {
      exit: 2,
      mend: `give it a ${field} in the constitution, or a \`principle\` that stands for all three`,
    })
  }
}

/** A plugin that cannot be used: not there, made for another version, or with options it does not accept. */
export class PluginRefused extends HansardError {
  constructor(plugin: string, why: string, mend: string, cause?: unknown) {
    super('plugin_refused', `plugin “${visible(plugin)}”: ${visible(why)}`, { exit: 2, mend, cause })
  }
}

/** A plugin whose answer is not one: nothing of it is recorded. */
export class PluginMisbehaved extends HansardError {
  readonly plugin: string

  constructor(plugin: string, why: string, cause?: unknown) {
    super('plugin_misbehaved', `plugin “${visible(plugin)}” misbehaved: ${visible(why)}`, {
      exit: 1,
      mend: 'what was recorded before stays; mend or replace the plugin and start the same command again',
      cause,
    })
    this.plugin = plugin
  }
}

const reasonOf = (error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EISDIR':
      return 'it is a folder'
    case 'EACCES':
    case 'EPERM':
      return 'its permissions do not allow it'
    case 'ELOOP':
      return 'its links go round in a circle'
    default:
      return sayingOf(error)
  }
}
