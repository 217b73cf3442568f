import type { ListedPlugin } from '../plugins/loader.ts'
import { hintLines } from './hints.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'

export const pluginListPage = (plugins: readonly ListedPlugin[], columns: number, paint: Paint): string[] => [
  ...tableLines(
    [
      { title: 'plugin', cell: (plugin) => visible(plugin.name) },
      { title: 'version', cell: (plugin) => visible(plugin.version) },
      { title: 'provides', cell: (plugin) => plugin.provides.join(', '), flexible: true },
    ],
    plugins,
    columns,
    paint,
  ),
  '',
  ...hintLines(['doctor', 'constitution list'], columns, paint),
]
