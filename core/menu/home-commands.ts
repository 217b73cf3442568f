import { examples, jsonOption, type Menu } from './menu.ts'

/** Commands about the folder of the record and the machine under it. */
export const homeCommands = ({ program, act }: Menu): void => {
  program
    .command('doctor')
    .description('whether everything that a run needs is there, and what to do where it is not')
    .addOption(jsonOption())
    .addHelpText('after', examples('doctor', 'doctor --home /data/record'))
    .action(act(async (session) => (await import('../commands/doctor.ts')).doctor(session)))
  program
    .command('rebuild')
    .description('make the tables behind all answers again, from the log alone, and compare')
    .addOption(jsonOption())
    .addHelpText('after', '\nExits with 3 where they come out otherwise.')
    .addHelpText('after', examples('rebuild'))
    .action(act(async (session) => (await import('../commands/rebuild.ts')).rebuild(session)))
}
