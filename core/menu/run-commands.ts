import { InvalidArgumentError, Option } from 'commander'
import type { ExportOptions } from '../commands/export.ts'
import type { ReplayOptions } from '../commands/replay.ts'
import type { RunOptions } from '../commands/run.ts'
import { examples, jsonOption, type Menu, wholeNumber } from './menu.ts'

const runHelp = `
Without a file it is the default run: the pocket model under the constitution
petty-mischief, a few minutes on two cores. Started again, a run goes on where it
was; where all of it is on record it ends at once, with the same seal.`

const heldPolicy = (text: string): string => {
  if (!/^policy(:[0-9a-f]{1,64})?$/.test(text))
    throw new InvalidArgumentError('Expected policy, or policy:RUN with the id of a run.')
  return text
}

/** Commands that make runs, and list them. */
export const runCommands = ({ program, act }: Menu): void => {
  program
    .command('run')
    .summary('run Constitutional AI, or go on where it was')
    .description('run Constitutional AI and record every act, or go on where it was')
    .argument('[file]', 'a run file (YAML); the default run where there is none')
    .option(
      '--constitution <name|file>',
      'another constitution: what that asks anew is said before it starts',
    )
    .addOption(
      new Option(
        '--hold <what>',
        'policy: keep policy, pairs and rollouts of the last sealed run (policy:RUN for another), and ask only the labels that fall to other principles',
      ).argParser(heldPolicy),
    )
    .option('--dry-run', 'say what would be asked anew, and do nothing')
    .option('--seed <n>', 'seed of all that is drawn', wholeNumber(0))
    .option('--workers <n>', 'worker threads; they change no answer', wholeNumber(1))
    .option('--detach', 'go on in the background')
    .option('--plain', 'progress as plain lines, on a terminal too')
    .addOption(jsonOption())
    .addHelpText('after', runHelp)
    .addHelpText(
      'after',
      examples(
        'run',
        'run my-run.yaml --workers 2',
        'run --constitution good-neighbours',
        'run --constitution mine.yaml --hold policy',
        'run --detach',
      ),
    )
    .action(
      act(async (session, file: string | undefined, options: RunOptions) =>
        (await import('../commands/run.ts')).run(session, file, options),
      ),
    )
  program
    .command('runs')
    .summary('the runs of this record, or the last page of one')
    .description('the runs of this record, the newest first; or the last page of one')
    .argument('[run]', 'a run, by any unique beginning of its id')
    .addOption(jsonOption())
    .addHelpText('after', examples('runs', 'runs 3be97a20', 'runs --json'))
    .action(
      act(async (session, run: string | undefined) =>
        (await import('../commands/runs.ts')).runs(session, run),
      ),
    )
  program
    .command('replay')
    .summary('train again from the record, compare the weights')
    .description('train again from the record alone, and compare the weights step by step')
    .argument('<run>', 'a run, by any unique beginning of its id')
    .option('--file <file>', 'the run file, where it names plugins that are not built in')
    .option('--workers <n>', 'worker threads; they change no weights', wholeNumber(1))
    .option('--plain', 'progress as plain lines, on a terminal too')
    .addOption(jsonOption())
    .addHelpText('after', '\nExits with 3 where any weights come out otherwise.')
    .addHelpText('after', examples('replay 3be97a20', 'replay 3be97a20 --json'))
    .action(
      act(async (session, run: string, options: ReplayOptions) =>
        (await import('../commands/replay.ts')).replay(session, run, options),
      ),
    )
  program
    .command('export')
    .summary('write a run for trainers (Parquet, as TRL reads it)')
    .description('write what a run made as a file in the shape that trainers (TRL) read')
    .argument('<run>', 'a run, by any unique beginning of its id')
    .addOption(new Option('--to <format>', 'format of the file').choices(['parquet']).default('parquet'))
    .addOption(
      new Option('--what <what>', 'the labelled pairs, the fine-tuning mix, or the rollouts with rewards')
        .choices(['preferences', 'sft', 'rollouts'])
        .default('preferences'),
    )
    .option('--out <file>', 'the file; by default RUN-WHAT.parquet in this folder')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'export 3be97a20',
        'export 3be97a20 --what sft --out sft.parquet',
        'export 3be97a20 --to parquet --what rollouts',
      ),
    )
    .action(
      act(async (session, run: string, options: ExportOptions) =>
        (await import('../commands/export.ts')).exportFile(session, run, options),
      ),
    )
}
