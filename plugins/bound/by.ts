import * as z from 'zod'
import { type By, digestSchema } from '../../events/event.ts'

/** Who answers: the plugin itself, under the name of its manifest, or it could answer in another one’s name. */
export const boundBy = (plugin: string): z.ZodType<By> =>
  z.object({
    plugin: z.literal(plugin, { error: `answers stand under the plugin’s own name, ${plugin}` }),
    behaviour: digestSchema,
  })
