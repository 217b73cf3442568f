import * as z from 'zod'
import { digestSchema } from '../../../events/event.ts'
import { chatFormNames } from '../chat-forms.ts'

/** What a run file may say of a GGUF model. All but `model` have defaults; all but the place of the file are hashed. */
export const llamaOptions = z.strictObject({
  model: z
    .string()
    .min(1)
    .describe('path of a GGUF file, relative to the run file, or pypi:PACKAGE[==VERSION] for one in a wheel'),
  sha256: digestSchema.optional().describe('the digest that the GGUF file must have'),
  context_tokens: z.int().min(256).max(1_048_576).default(4096).describe('prompt and answer together'),
  batch_tokens: z.int().min(32).max(8192).default(512).describe('prompt tokens evaluated at once'),
  threads: z.int().min(1).max(256).default(1).describe('processor threads of one evaluation'),
  gpu: z.boolean().default(false).describe('whether a GPU may be used; answers then need not repeat'),
  chat_form: z
    .enum(chatFormNames)
    .optional()
    .describe('how turns are marked; read from the model’s own template where absent'),
  mass: z.number().min(0).max(1).default(0.5).describe('probability that both choices must hold together'),
})

export type LlamaOptions = z.infer<typeof llamaOptions>
