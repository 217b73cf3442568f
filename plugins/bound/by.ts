import * as z from 'zod'
import { digestSchema } from '../../events/event.ts'

export const boundBy = z.object({ plugin: z.string().min(1).max(200), behaviour: digestSchema })
