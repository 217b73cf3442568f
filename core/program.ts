import { existsSync, readFileSync } from 'node:fs'
import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { visible } from '../tui/visible.ts'
import { homeCommands } from './menu/home-commands.ts'
import type { Menu } from './menu/menu.ts'
import { pluginCommands } from './menu/plugin-commands.ts'
import { recordCommands } from './menu/record-commands.ts'
import { runCommands } from './menu/run-commands.ts'
import { defaultHome, type GlobalOptions, sessionOf } from './session.ts'

const more = `
Examples:
  $ hansard run                                  the default run, or how it goes on
  $ hansard trace @best                          why that answer beat its group
  $ hansard run --constitution good-neighbours   the same under other principles

Exit codes:
  0    fine
  1    something failed
  2    the input cannot be used: a command, an id, a file, a setting
  3    verification failed: the record, or a replay, is not what it should be
  130  interrupted by Ctrl-C; a run goes on where it was when it is started again

Environment:
  NO_COLOR              no colours
  HANSARD_DATABASE_URL  a Postgres of your own instead of the embedded one`

/** From the sources as from dist/: the package.json above this file. */
const version = (): string => {
  const file = ['../package.json', '../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url))
  return file === undefined
    ? 'unknown'
    : (/"version": "([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'unknown')
}

/** Commander’s own errors in one line; they quote what was typed, which may have been pasted from anywhere. */
const saySafely = (text: string, write: (text: string) => void): void => {
  const line = visible(
    text
      .trim()
      .replace(/^error: /, '')
      .replaceAll('\n', ' '),
  )
  write(`hansard: ${line}${/[.?)]$/.test(line) ? '' : '.'} See --help.\n`)
}

const termOf = (command: Command): string =>
  [
    command.name(),
    ...command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    ),
  ].join(' ')

/**
 * The whole command line. What a command does is imported when it is called, so that help is instant:
 * nothing heavy may be imported here or in menu/.
 */
export const openProgram = (): { program: Command; exitCode: () => number } => {
  let code = 0
  let called: Command | undefined
  const program = new Command('hansard')
  const act: Menu['act'] =
    (action) =>
    async (...given) => {
      code = await action(sessionOf((called ?? program).optsWithGlobals<GlobalOptions>()), ...given)
    }

  program
    .description('The official record of how a language model was aligned.')
    .version(version(), '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help')
    .addHelpCommand(
      new Command('help').argument('[command]').description('the help of a command').helpGroup('More:'),
    )
    .option('--home <dir>', 'folder of the record', defaultHome)
    .option('--debug', 'show where an error happened')
    .option('--no-color', 'no colours')
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(process.stdout.columns ?? 80, 110),
      subcommandTerm: termOf,
    })
    .configureOutput({ outputError: saySafely })
    .exitOverride()
    .hook('preAction', (_, command) => {
      called = command
    })
    .addHelpText('after', more)

  const menu: Menu = { program, act }
  program.commandsGroup('Runs:')
  runCommands(menu)
  program.commandsGroup('Questions to the record:')
  recordCommands(menu)
  program.commandsGroup('The record itself:')
  homeCommands(menu)
  program.commandsGroup('What can be swapped:')
  pluginCommands(menu)
  program.commandsGroup('More:')
  tab(program, { completionCommandName: 'completion' })
  program.commands
    .find((command) => command.name() === 'completion')
    ?.summary('completions for bash, zsh, fish, powershell')
  return { program, exitCode: () => code }
}
