import * as z from 'zod'
import { digestSchema } from '../../events/event.ts'
import type { PromptRow, PromptSource } from '../api.ts'
import { PluginMisbehaved } from '../errors.ts'
import { boundText, issueOf } from './answers.ts'
import { boundBy } from './by.ts'
import { watched } from './watched.ts'

const turn = z.object({ role: z.enum(['user', 'assistant']), content: boundText })
const text = boundText.optional()

const rowShape = z.object({
  row: z.int().min(0).optional(),
  turns: z.array(turn).min(1),
  chosen: text,
  rejected: text,
  group: z.string().min(1).max(200).optional(),
  principle: z
    .object({ key: z.string().min(1).max(200), critique: text, revision: text, preference: text })
    .optional(),
})

const sourceShape = (plugin: string) => z.object({ by: boundBy(plugin), format: z.string().min(1).max(200) })

/** A source whose rows are checked and watched. @throws PluginMisbehaved */
export function boundPrompts(plugin: string, source: PromptSource, patienceMs: number): PromptSource {
  const checked = sourceShape(plugin).safeParse(source)
  if (!checked.success) throw new PluginMisbehaved(plugin, `its source is not one: ${issueOf(checked.error)}`)
  const leftOut = source.leftOut?.bind(source)
  return {
    ...checked.data,
    async digest() {
      const digest = digestSchema.safeParse(await source.digest())
      if (!digest.success) throw new PluginMisbehaved(plugin, `digest: ${issueOf(digest.error)}`)
      return digest.data
    },
    async *rows(signal) {
      let last = -1
      const watch = { plugin, method: 'rows', patienceMs }
      for await (const given of watched<unknown>(watch, (s) => source.rows(s), signal)) {
        const row = rowShape.safeParse(given)
        if (!row.success) {
          throw new PluginMisbehaved(
            plugin,
            `rows: after row ${last} came something else: ${issueOf(row.error)}`,
          )
        }
        const index = row.data.row ?? last + 1
        if (index <= last) throw new PluginMisbehaved(plugin, `rows: row ${index} came after row ${last}`)
        last = index
        yield row.data as PromptRow
      }
    },
    ...(leftOut === undefined ? {} : { leftOut }),
  }
}
