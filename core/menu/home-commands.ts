import { examples, jsonOption, type Menu } from './menu.ts'

/** Commands about the folder of the record and the machine under it. */
export const homeCommands = ({ program, act }: Menu): void => {
  program
    .command('doctor')
    .summary('whether everything that a run needs is there')
    .description('whether everything that a run needs is there, and what to do where it is not')
    .addOption(jsonOption())
    .addHelpText('after', examples('doctor', 'doctor --home /data/record'))
    .action(act(async (session) => (await import('../commands/doctor.ts')).doctor(session)))
  program
    .command('rebuild')
    .summary('make the tables behind all answers again')
    .description('make the tables behind all answers again, from the log alone, and compare')
    .addOption(jsonOption())
    .addHelpText('after', '\nExits with 3 where they come out otherwise.')
    .addHelpText('after', examples('rebuild'))
    .action(act(async (session) => (await import('../commands/rebuild.ts')).rebuild(session)))
  program
    .command('backup')
    .summary('write everything into one file')
    .description('write records, texts and blobs into one file, also while a run goes on')
    .argument('<file>', 'a file that is not there yet')
    .addOption(jsonOption())
    .addHelpText('after', examples('backup record.tar.zst'))
    .action(
      act(async (session, file: string) => (await import('../commands/backup.ts')).backup(session, file)),
    )
  program
    .command('restore')
    .summary('fill an empty home from a backup')
    .description('fill an empty home from a backup; every byte is checked')
    .argument('<file>', 'what hansard backup wrote')
    .addOption(jsonOption())
    .addHelpText('after', examples('restore record.tar.zst --home elsewhere'))
    .action(
      act(async (session, file: string) => (await import('../commands/backup.ts')).restore(session, file)),
    )
}
