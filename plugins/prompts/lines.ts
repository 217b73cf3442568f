import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { sayingOf, UnreadableFile } from '../errors.ts'
import type { FileLimits } from './limits.ts'

const what = 'data file'
const newline = 0x0a

/**
 * The lines of a UTF-8 file, unpacked where it is gzip (told by its first bytes, not by its name). Memory stays at
 * one line and one chunk, whatever the file unpacks to.
 *
 * @throws UnreadableFile naming the limit that was passed, or what else is wrong
 */
export async function* linesOf(
  path: string,
  limits: Pick<FileLimits, 'lineBytes' | 'totalBytes'>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const name = basename(path)
  const refuse = (why: string, mend?: string) => new UnreadableFile(what, name, why, mend)
  const packed = await isGzip(path)
  const source = createReadStream(path, { signal })
  const stream: Readable = packed ? pipeline(source, createGunzip(), () => {}) : source
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes: Uint8Array, line: number): string => {
    try {
      return decoder.decode(bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes)
    } catch {
      throw refuse(`line ${line} is not UTF-8`, 'convert the file to UTF-8')
    }
  }
  let rest: Uint8Array[] = []
  let restBytes = 0
  let totalBytes = 0
  let line = 1
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      totalBytes += chunk.length
      if (totalBytes > limits.totalBytes) {
        throw refuse(`it unpacks to more than ${limits.totalBytes} bytes, the limit`, 'split the file')
      }
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(start, end)])
        if (bytes.length > limits.lineBytes) throw refuse(tooLong(line, limits.lineBytes))
        yield decode(bytes, line++)
        rest = []
        restBytes = 0
        start = end + 1
      }
      if (start < chunk.length) {
        rest.push(chunk.subarray(start))
        restBytes += chunk.length - start
        if (restBytes > limits.lineBytes) throw refuse(tooLong(line, limits.lineBytes))
      }
    }
    if (restBytes > 0) yield decode(Buffer.concat(rest), line)
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof UnreadableFile) throw cause
    throw refuse(`${packed ? 'unpacking failed: ' : ''}${sayingOf(cause)}`)
  } finally {
    stream.destroy()
    source.destroy()
  }
}

const tooLong = (line: number, limit: number): string =>
  `line ${line} has more than ${limit} bytes, the limit`

/** @throws UnreadableFile where there is no such file, or what is there is none */
async function isGzip(path: string): Promise<boolean> {
  let file
  try {
    file = await open(path, 'r')
    if (!(await file.stat()).isFile()) throw new UnreadableFile(what, basename(path), 'it is no file')
    const { bytesRead, buffer } = await file.read(new Uint8Array(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } catch (cause) {
    if (cause instanceof UnreadableFile) throw cause
    throw new UnreadableFile(what, basename(path), cause as NodeJS.ErrnoException)
  } finally {
    await file?.close()
  }
}
