import { findPackageJSON } from 'node:module'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PluginRefused, sayingOf } from '../../errors.ts'

/** What of node-llama-cpp is used: an optional peer, whose own types are therefore not at hand. */
export interface LlamaBinding {
  readonly version: string
  getLlama(options: {
    readonly gpu: 'auto' | false
    readonly build: 'never'
    readonly skipDownload: true
    readonly progressLogs: false
    readonly maxThreads: number
    readonly logLevel: 'error'
    readonly logger: (level: string, message: string) => void
  }): Promise<Llama>
}

export interface Llama {
  readonly gpu: string | false
  readonly buildType: string
  readonly llamaCppRelease: { readonly repo: string; readonly release: string }
  /** Which features of the processor the loaded kernels use. */
  readonly systemInfo: string
  loadModel(options: { readonly modelPath: string; readonly gpuLayers: 'auto' | 0 }): Promise<LlamaModel>
  dispose(): Promise<void>
}

export type Token = number

export interface LlamaModel {
  readonly trainContextSize: number
  readonly embeddingVectorSize: number
  readonly typeDescription: string
  readonly fileInfo: { readonly metadata: Readonly<Record<string, Readonly<Record<string, unknown>>>> }
  readonly tokens: { readonly bos: Token | null; readonly shouldPrependBosToken: boolean }
  tokenize(text: string, specialTokens: boolean, options?: 'trimLeadingSpace'): Token[]
  detokenize(tokens: readonly Token[], specialTokens?: boolean): string
  isEogToken(token: Token): boolean
  createContext(options: {
    readonly contextSize: number
    readonly batchSize: number
    readonly threads: { readonly ideal: number; readonly min: number }
    readonly flashAttention: false
    readonly sequences: 1
  }): Promise<LlamaContext>
  createEmbeddingContext(options: {
    readonly contextSize: number
    readonly batchSize: number
    readonly threads: { readonly ideal: number; readonly min: number }
  }): Promise<LlamaEmbeddingContext>
}

export interface LlamaContext {
  readonly contextSize: number
  getSequence(): LlamaSequence
}

export interface LlamaSequence {
  clearHistory(): Promise<void>
  evaluate(
    tokens: readonly Token[],
    options: {
      readonly temperature: number
      readonly topK: number
      readonly topP: number
      readonly minP: number
      readonly seed: number
      readonly yieldEogToken: boolean
    },
  ): AsyncGenerator<Token, void, void>
  controlledEvaluate(input: readonly (Token | readonly [Token, object])[]): Promise<
    readonly (
      | undefined
      | {
          readonly next: {
            readonly logits?: ReadonlyMap<Token, number>
            /** Sum over the vocabulary of exp(logit − largest logit). */
            readonly totalLogitWeight?: number
          }
        }
    )[]
  >
}

export interface LlamaEmbeddingContext {
  getEmbeddingFor(tokens: readonly Token[]): Promise<{ readonly vector: readonly number[] }>
}

const packageName = 'node-llama-cpp'
/** The release that was tried. */
export const triedVersion = '3.22.1'
const mend = `npm install ${packageName}@${triedVersion} (about 730 MB)`

/**
 * Loads node-llama-cpp from the run file’s folder or from beside hansard.
 *
 * @throws PluginRefused saying what to type where it is missing
 */
export async function loadBinding(folder: string): Promise<LlamaBinding> {
  const found = packageFile(pathToFileURL(join(folder, 'run.js'))) ?? packageFile(import.meta.url)
  if (found === undefined) {
    throw new PluginRefused('llama', `it needs the package ${packageName}, which is not installed`, mend)
  }
  try {
    const { version } = JSON.parse(await readFile(found, 'utf8')) as { readonly version: string }
    if (!version.startsWith('3.')) {
      throw new PluginRefused('llama', `it works with ${packageName} 3, and found version ${version}`, mend)
    }
    const entry = pathToFileURL(join(dirname(found), 'dist', 'index.js')).href
    const { getLlama } = (await import(entry)) as Pick<LlamaBinding, 'getLlama'>
    return { version, getLlama }
  } catch (error) {
    if (error instanceof PluginRefused) throw error
    throw new PluginRefused('llama', `${packageName} cannot be loaded: ${sayingOf(error)}`, mend, error)
  }
}

const packageFile = (from: string | URL): string | undefined => {
  try {
    return findPackageJSON(packageName, from)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
