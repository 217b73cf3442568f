import assert from 'node:assert/strict'
import type { Plugin, PluginHost } from '../api.ts'
import { checkOptions, checkPlugin } from '../loader-check.ts'
import type { Check } from './check.ts'

export interface PluginSubject {
  /** The default export of the package. */
  readonly plugin: Plugin
  /** Options that it accepts. */
  readonly options: unknown
  /** Options that it must refuse, and the name of the field that is wrong. */
  readonly wrongOptions?: { readonly given: unknown; readonly field: string }
}

/** A host for tests: one worker, the working folder, lines that nobody reads. */
export const testHost: PluginHost = { workers: 1, folder: process.cwd(), notice: () => {} }

/** The promises of a plugin’s manifest. */
export function pluginChecks({ plugin, options, wrongOptions }: PluginSubject): readonly Check[] {
  return [
    {
      name: 'its manifest is accepted by this version of hansard',
      run: async () => {
        checkPlugin('under test', plugin)
      },
    },
    {
      name: 'options that it does not accept are refused by the name of the field',
      ...(wrongOptions === undefined ? { skip: 'no wrong options are given' } : {}),
      run: async () => {
        const { given, field } = wrongOptions ?? { given: {}, field: '' }
        await assert.rejects(checkOptions(plugin, given), (error: Error) => error.message.includes(field))
      },
    },
    {
      name: 'it opens every port that its manifest names',
      run: async () => {
        const checked = (await checkOptions(plugin, options)) as never
        for (const port of plugin.manifest.provides) {
          const provided = await plugin.open(port, checked, testHost)
          assert.ok(provided[port] !== undefined, `it opens no ${port}`)
          await provided.model?.close()
        }
      },
    },
  ]
}
