import { examples, jsonOption, type Menu } from './menu.ts'

/** Commands about what can be swapped; they need no record. */
export const pluginCommands = ({ program, act }: Menu): void => {
  const constitution = program
    .command('constitution')
    .description('the constitutions that come with hansard, and yours')
  constitution
    .command('list')
    .description('constitutions that a run can name, with their principles')
    .addOption(jsonOption())
    .addHelpText('after', examples('constitution list', 'constitution list --json'))
    .action(act(async (session) => (await import('../commands/constitution.ts')).list(session)))
  constitution
    .command('show')
    .description('one constitution, with its wording')
    .argument('<name|file>', 'one that ships, or a YAML file')
    .addOption(jsonOption())
    .addHelpText('after', examples('constitution show petty-mischief', 'constitution show mine.yaml'))
    .action(
      act(async (session, name: string) => (await import('../commands/constitution.ts')).show(session, name)),
    )
  constitution
    .command('check')
    .description('whether a file is a constitution; errors name line and column')
    .argument('<file>', 'a YAML file')
    .addHelpText('after', examples('constitution check mine.yaml'))
    .action(
      act(async (session, file: string) =>
        (await import('../commands/constitution.ts')).check(session, file),
      ),
    )

  const plugin = program.command('plugin').description('models, trainers, scorers and prompt sources')
  plugin
    .command('list')
    .description('the plugins that come with hansard, and those that are named')
    .argument('[plugin...]', 'packages, or paths of plugins of your own')
    .addOption(jsonOption())
    .addHelpText('after', examples('plugin list', 'plugin list ./my-plugin'))
    .action(
      act(async (session, others: readonly string[]) =>
        (await import('../commands/plugin.ts')).list(session, others),
      ),
    )
}
