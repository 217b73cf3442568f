import { canonicalDigest, sha256Hex } from '../../../events/canonical.ts'
import type { By, Digest, Json } from '../../../events/event.ts'
import { visible } from '../../visible.ts'
import { type ChatForm, exampleOf } from '../chat-forms.ts'
import { wording } from '../chat-format.ts'
import type { Llama, LlamaModel } from './binding.ts'
import type { LlamaOptions } from './options.ts'

/** Raised when answers may change though nothing else here does. */
const behaviour = 1

export interface Described {
  readonly by: By
  readonly name: string
  readonly identity: { readonly [key: string]: Json }
  readonly templates: readonly { readonly name: string; readonly text: string }[]
}

export interface Found {
  readonly version: string
  readonly llama: Llama
  readonly model: LlamaModel
  readonly sha256: Digest
  readonly form: ChatForm
  readonly options: LlamaOptions
}

/** What decides the answers: weights, engine and processor features, settings, and every word put around an act. */
export function describe({ version, llama, model, sha256, form, options }: Found): Described {
  const general = model.fileInfo.metadata['general'] ?? {}
  const template = templateOf(model)
  const templates = [
    { name: `chat form ${form.name}`, text: exampleOf(form) },
    ...Object.entries(wording).map(([name, text]) => ({ name, text })),
  ]
  const identity = {
    behaviour,
    gguf_sha256: sha256,
    engine: `llama.cpp ${llama.llamaCppRelease.release}, node-llama-cpp ${version}, ${llama.buildType}`,
    processor: llama.systemInfo.replaceAll(/\s+/g, ' ').trim(),
    gpu: llama.gpu === false ? null : llama.gpu,
    context_tokens: options.context_tokens,
    batch_tokens: options.batch_tokens,
    threads: options.threads,
    least_mass: options.mass,
    chat_form: form.name,
    wording_sha256: canonicalDigest(templates),
  } satisfies Record<string, Json>
  const named = typeof general['name'] === 'string' ? visible(general['name']) : undefined
  return {
    by: { plugin: 'llama', behaviour: canonicalDigest(identity) },
    name: (named ?? sha256.slice(0, 12)).slice(0, 200),
    identity: {
      ...identity,
      architecture: visible(model.typeDescription),
      own_template_sha256: template === undefined ? null : sha256Hex(template),
    },
    templates,
  }
}

/** The chat template (Jinja) that the model’s file carries. */
export const templateOf = (model: LlamaModel): string | undefined => {
  const template = model.fileInfo.metadata['tokenizer']?.['chat_template']
  return typeof template === 'string' ? template : undefined
}
