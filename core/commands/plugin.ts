import { listPlugins } from '../../plugins/loader.ts'
import { pluginListPage } from '../../tui/plugin-page.ts'
import type { Session } from '../session.ts'

export const list = async (session: Session, others: readonly string[]): Promise<number> => {
  const plugins = await listPlugins(process.cwd(), others)
  if (session.json) session.answer({ plugins })
  else session.page(pluginListPage(plugins, session.frame))
  return 0
}
