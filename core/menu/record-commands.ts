import { Option } from 'commander'
import type { EventsOptions } from '../commands/events.ts'
import type { TraceOptions } from '../commands/trace.ts'
import type { WhyCommandOptions } from '../commands/why.ts'
import { examples, jsonOption, type Menu, repeatable, wholeNumber } from './menu.ts'

const ids = `
Ids may be shortened to any unique beginning; an ambiguous one lists what it
could be.`

/** Questions to the record. */
export const recordCommands = ({ program, act }: Menu): void => {
  program
    .command('events')
    .summary('the latest events, of a run or a type')
    .description('the latest events, of a run or a type')
    .option('--run <run>', 'only what this run used')
    .option('--type <type>', 'only events of this type, such as reward.scored')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1)).default(20))
    .addOption(jsonOption())
    .addHelpText('after', ids)
    .addHelpText(
      'after',
      examples('events', 'events --type critique.written --limit 5', 'events --type reward.scored --json'),
    )
    .action(
      act(async (session, options: EventsOptions) =>
        (await import('../commands/events.ts')).events(session, options),
      ),
    )
  program
    .command('show')
    .summary('one event whole')
    .description('one event whole: its fields, texts, parents and children, its bytes hashed again')
    .argument('<id>', 'any unique beginning of its id')
    .addOption(jsonOption())
    .addHelpText('after', examples('show 7f3a91c2', 'show 7f3a91c2 --json'))
    .action(act(async (session, id: string) => (await import('../commands/show.ts')).show(session, id)))
  program
    .command('trace')
    .summary('why an answer beat, or lost to, its group')
    .description('why an answer was rewarded more, or less, than its group: by principle and human labels')
    .argument('[reward]', 'id of a reward, or @best, @last, @flagged; without one, what is worth a trace')
    .option('--run <run>', 'the run that @best, @last, @flagged and the list speak of; the newest by default')
    .option('--against <reward>', 'explain the difference from this reward instead of the group’s mean')
    .addOption(
      repeatable(
        '--retrain <key>',
        'fit the preference model again without this principle (or human); may be repeated',
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', ids)
    .addHelpText(
      'after',
      examples(
        'trace',
        'trace @best',
        'trace 7f3a91c2 --retrain prying',
        'trace 7f3a91c2 --against 2c8140aa --json',
      ),
    )
    .action(
      act(async (session, reward: string | undefined, options: TraceOptions) =>
        (await import('../commands/trace.ts')).trace(session, reward, options),
      ),
    )
  program
    .command('why')
    .summary('why the model refused')
    .description('why the model refused: what that was paid, against the best answer that does not refuse')
    .argument('<rollout>', 'id of a rollout, or of its reward')
    .addOption(
      repeatable(
        '--retrain <key>',
        'fit the preference model again without this principle (or human); may be repeated',
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', ids)
    .addHelpText('after', examples('why 8d10aa01', 'why 8d10aa01 --retrain untrue'))
    .action(
      act(async (session, rollout: string, options: WhyCommandOptions) =>
        (await import('../commands/why.ts')).why(session, rollout, options),
      ),
    )
  program
    .command('verify')
    .summary('compute every hash, set and seal again')
    .description('compute every hash, set and seal again; says what that proves, and what it does not')
    .addOption(jsonOption())
    .addHelpText('after', '\nExits with 3 where anything is missing or changed.')
    .addHelpText('after', examples('verify', 'verify --json'))
    .action(act(async (session) => (await import('../commands/verify.ts')).verify(session)))
  program
    .command('diff')
    .summary('what differs between two runs')
    .description('two runs aligned by place: chains touched, labels flipped, rewards and policies moved')
    .argument('<a>', 'a run, by any unique beginning of its id')
    .argument('<b>', 'another')
    .addOption(jsonOption())
    .addHelpText('after', examples('diff 3be97a20 7dbb42b6', 'diff 3be97a20 7dbb42b6 --json'))
    .action(
      act(async (session, a: string, b: string) => (await import('../commands/diff.ts')).diff(session, a, b)),
    )
}
