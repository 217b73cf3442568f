import { createReadStream } from 'node:fs'
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import type { Digest } from '../../../events/event.ts'
import { PluginRefused, UnreadableFile } from '../../errors.ts'
import { isInWheel, modelFromWheel } from './wheel.ts'

export interface GgufFile {
  readonly path: string
  readonly sha256: Digest
}

/**
 * Finds the GGUF file that a run file names, by path or in a Python wheel, and takes its digest.
 *
 * @throws UnreadableFile, PluginRefused (another digest than expected; a wheel that cannot be had)
 */
export async function ggufFile(
  given: string,
  folder: string,
  expected: Digest | undefined,
  notice: (line: string) => void,
): Promise<GgufFile> {
  const path = isInWheel(given) ? await modelFromWheel(given, notice) : resolve(folder, given)
  const sha256 = await digestOf(path)
  if (expected !== undefined && sha256 !== expected) {
    throw new PluginRefused(
      'llama',
      `${basename(path)} has the sha-256 ${sha256}, the run file expects ${expected}`,
      'take the file that was meant, or correct `sha256` in the run file',
    )
  }
  return { path, sha256 }
}

async function digestOf(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  try {
    let bytes = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      if (bytes === 0 && chunk.subarray(0, 4).toString('latin1') !== 'GGUF') {
        throw new UnreadableFile('model', basename(path), 'it is no GGUF file')
      }
      bytes += chunk.length
      hash.update(chunk)
    }
    if (bytes === 0) throw new UnreadableFile('model', basename(path), 'it is empty')
  } catch (cause) {
    if (cause instanceof UnreadableFile) throw cause
    throw new UnreadableFile('model', basename(path), cause as NodeJS.ErrnoException)
  }
  return hash.digest('hex')
}
