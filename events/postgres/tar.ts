import { BackupDamaged } from './backup-errors.ts'

/** A file in a tar archive. Its body must be read to its end, or left alone, before the next one is asked for. */
export interface TarFile {
  readonly name: string
  readonly bytes: number
  readonly body: AsyncIterable<Uint8Array>
}

const block = 512
const zeros = Buffer.alloc(2 * block)

/**
 * The header of a file in a POSIX (ustar) archive: no owner, no date, so that equal contents give equal archives.
 * @param name at most 100 bytes of ASCII
 */
export const tarHeader = (name: string, bytes: number): Buffer => {
  const header = Buffer.alloc(block)
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new RangeError(`not a name for an archive: ${name}`)
  header.write(name, 0, 'latin1')
  header.write('0000600\0' + '0000000\0'.repeat(2), 100, 'latin1')
  header.write(sizeField(bytes), 124, 'latin1')
  header.write('00000000000\0', 136, 'latin1')
  header.write('        0', 148, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${octal(checksum(header), 6)}\0 `, 148, 'latin1')
  return header
}

/** What fills a file's last block. */
export const tarPadding = (bytes: number): Buffer => zeros.subarray(0, (block - (bytes % block)) % block)

/** What ends an archive. */
export const tarEnd = zeros

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')

const sizeField = (bytes: number): string => {
  if (bytes >= 8 ** 11 || !Number.isSafeInteger(bytes))
    throw new RangeError(`${bytes} bytes are too many for an archive`)
  return `${octal(bytes, 11)}\0`
}

/** The sum of the header's bytes, its own field read as spaces. */
const checksum = (header: Uint8Array): number => {
  let sum = 0
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte
  return sum
}

/**
 * The files of an archive, as they come.
 * @throws BackupDamaged where it is no archive, or ends early
 */
export async function* tarFiles(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile, void, void> {
  const bytes = new Bytes(source)
  for (;;) {
    const header = await bytes.exactly(block)
    if (header.every((byte) => byte === 0)) return
    const text = (from: number, length: number): string =>
      header.toString('latin1', from, from + length).replace(/[\0 ][^]*$/, '')
    if (Number.parseInt(text(148, 8), 8) !== checksum(header) || text(257, 5) !== 'ustar')
      throw new BackupDamaged('it is not an archive, or a header in it is damaged')
    const size = Number.parseInt(text(124, 12), 8)
    const file = bytes.next(size)
    yield { name: text(0, 100), bytes: size, body: file }
    // What the reader left, and the padding.
    for await (const _ of file);
    await bytes.exactly((block - (size % block)) % block)
  }
}

/** Takes pieces of given lengths off a stream of chunks of any length. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async exactly(count: number): Promise<Buffer> {
    const pieces = []
    for await (const piece of this.next(count)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** The next `count` bytes, in pieces; what is left of them can be taken by iterating once more. */
  next(count: number): AsyncIterable<Uint8Array> {
    let missing = count
    const take = async (): Promise<Uint8Array | undefined> => {
      if (missing === 0) return undefined
      while (this.#rest.length === 0) {
        const { value, done } = await this.#source.next()
        if (done === true) throw new BackupDamaged('it ends in the middle')
        this.#rest = value
      }
      const piece = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(piece.length)
      missing -= piece.length
      return piece
    }
    return {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const piece = await take()
          if (piece === undefined) return
          yield piece
        }
      },
    }
  }
}
