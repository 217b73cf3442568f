import type { Plugin } from './api.ts'

/** The plugins that come with hansard, loaded only when asked for. */
export const builtInPlugins: Readonly<Record<string, () => Promise<{ readonly default: Plugin }>>> = {
  files: () => import('./prompts/index.ts'),
  llama: () => import('./models/llama/index.ts'),
  pocket: () => import('./models/pocket/index.ts'),
}
