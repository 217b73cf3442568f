import { PluginRefused } from './errors.ts'

/** The error of an import whose package is not installed, said so that a person can mend it. */
export function missingPackage(plugin: string, error: unknown): PluginRefused | undefined {
  const { code, message } = error as Partial<NodeJS.ErrnoException>
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(message ?? '')?.[1]
  if (missing === undefined || /^(?:\.|\/|file:|[a-z]:)/i.test(missing)) return undefined
  return new PluginRefused(
    plugin,
    `it needs the package ${missing}, which is not installed`,
    `npm install ${missing}`,
    error,
  )
}
