import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'

export interface ListedPlugin {
  readonly name: string
  readonly version: string
  /** Ports that it opens. */
  readonly provides: readonly string[]
}

export const pluginListPage = (plugins: readonly ListedPlugin[], frame: Frame): string[] => [
  ...tableLines(
    [
      { title: 'plugin', cell: (plugin) => visible(plugin.name) },
      { title: 'version', cell: (plugin) => visible(plugin.version) },
      { title: 'provides', cell: (plugin) => visible(plugin.provides.join(', ')), flexible: true },
    ],
    plugins,
    frame.columns,
    frame.paint,
  ),
  '',
  ...hintLines(['doctor', 'constitution list'], frame),
]
