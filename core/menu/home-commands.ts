import { examples, jsonOption, type Menu } from './menu.ts'

/** Commands about the folder of the record and the machine under it. */
export const homeCommands = ({ program, act }: Menu): void => {
  program
    .command('doctor')
    .description('whether everything that a run needs is there, and what to do where it is not')
    .addOption(jsonOption())
    .addHelpText('after', examples('doctor', 'doctor --home /data/record'))
    .action(act(async (session) => (await import('../commands/doctor.ts')).doctor(session)))
}
