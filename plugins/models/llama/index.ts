import { basename } from 'node:path'
import { apiVersion, type Model, type Plugin, type PluginHost } from '../../api.ts'
import { PluginRefused, sayingOf, UnreadableFile } from '../../errors.ts'
import { chatFormNamed, chatFormOf } from '../chat-forms.ts'
import { loadBinding, type Llama } from './binding.ts'
import { Engine } from './engine.ts'
import { ggufFile } from './gguf-file.ts'
import { describe, templateOf } from './identity.ts'
import { llamaOptions, type LlamaOptions } from './options.ts'
import { policyOf } from './policy.ts'

/** A GGUF model in this process, through node-llama-cpp: an optional peer, loaded only when asked for. */
const llamaPlugin: Plugin = {
  manifest: { name: 'llama', version: '1.0.0', api: apiVersion, provides: ['model'] },
  options: llamaOptions,
  open: async (_port, options, host) => ({ model: await openLlama(options, host) }),
}

export default llamaPlugin

/** @throws PluginRefused, UnreadableFile, with exit code 2 */
async function openLlama(options: LlamaOptions, host: PluginHost): Promise<Model> {
  const notice = (line: string): void => host.notice(line)
  const binding = await loadBinding(host.folder)
  const { path, sha256 } = await ggufFile(options.model, host.folder, options.sha256, notice)
  const llama = await binding.getLlama({
    gpu: options.gpu ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: options.threads,
    logLevel: 'error',
    logger: (_level, message) => notice(`llama.cpp: ${sayingOf(message.trim())}`),
  })
  try {
    return await modelOf(llama, binding.version, path, sha256, options)
  } catch (error) {
    await llama.dispose()
    throw error
  }
}

async function modelOf(
  llama: Llama,
  version: string,
  path: string,
  sha256: string,
  options: LlamaOptions,
): Promise<Model> {
  let model
  try {
    model = await llama.loadModel({ modelPath: path, gpuLayers: options.gpu ? 'auto' : 0 })
  } catch (error) {
    throw new UnreadableFile('model', basename(path), `llama.cpp cannot load it: ${sayingOf(error)}`)
  }
  const template = templateOf(model)
  const form =
    options.chat_form === undefined
      ? (chatFormOf(template ?? '') ?? (template === undefined ? chatFormNamed('plain') : undefined))
      : chatFormNamed(options.chat_form)
  if (!form) {
    throw new PluginRefused(
      'llama',
      'the model’s own chat template has no form that is known',
      'name one as `chat_form` in its options',
    )
  }
  if (options.context_tokens > model.trainContextSize) {
    throw new PluginRefused(
      'llama',
      `context_tokens is ${options.context_tokens}, and the model was trained for ${model.trainContextSize}`,
      'lower context_tokens in the run file',
    )
  }
  const engine = await Engine.start(llama, model, form, options)
  return {
    ...describe({ version, llama, model, sha256, form, options }),
    // On the processor, with one sequence and pinned threads, the same request gave the same bits in every trial.
    determinism: llama.gpu === false ? 'exact' : 'sampled',
    weights: sha256,
    principleFields: ['critique', 'revision', 'preference'],
    reasons: true,
    pooling: 'last_token',
    dimensions: model.embeddingVectorSize,
    batch: 4,
    checkPrinciples: () => {},
    base: policyOf(engine, options.mass),
    at: async () => {
      throw new PluginRefused(
        'llama',
        'it cannot be trained, so it has no weights but its own',
        'switch the training stages off, or take another model',
      )
    },
    close: () => engine.close(),
  }
}
