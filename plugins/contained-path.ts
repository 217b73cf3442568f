import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, sep, win32 } from 'node:path'
import { PathRefused, UnreadableFile } from './errors.ts'

/**
 * Resolves a path that a file names, inside the folder of that file and nowhere else. Symbolic links are
 * followed first, so that none leads out.
 *
 * @param what what the path is for, as errors call it
 * @returns the real path of something that exists
 * @throws PathRefused for `..`, absolute paths, drives, NUL, and links that lead out; UnreadableFile where there is none
 */
export async function containedPath(folder: string, given: string, what: string): Promise<string> {
  if (given === '' || given.includes('\0')) throw new PathRefused(what, given, 'it is no path')
  if (isAbsolute(given) || win32.isAbsolute(given) || /^[a-z]:/i.test(given)) {
    throw new PathRefused(what, given, 'it is absolute')
  }
  if (given.split(/[/\\]/).includes('..')) throw new PathRefused(what, given, 'it leads upwards')
  let root: string
  let path: string
  try {
    root = await realpath(folder)
    path = await realpath(join(folder, given))
  } catch (cause) {
    throw new UnreadableFile(what, given, cause as NodeJS.ErrnoException)
  }
  const inside = relative(root, path)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new PathRefused(what, given, 'a link in it leads out of the folder')
  }
  return path
}

/**
 * Reads a UTF-8 file of limited size; a larger one, a folder or a device is refused before anything is buffered.
 *
 * @throws UnreadableFile
 */
export async function readSmallText(path: string, what: string, limitBytes: number): Promise<string> {
  const name = basename(path)
  let file
  try {
    // Without blocking, or a named pipe would hang the process.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw new UnreadableFile(what, name, cause as NodeJS.ErrnoException)
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new UnreadableFile(what, name, 'it is no file')
    if (stat.size > limitBytes) {
      throw new UnreadableFile(what, name, `it has ${stat.size} bytes, the limit is ${limitBytes}`)
    }
    const bytes = new Uint8Array(limitBytes + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      length += bytesRead
      if (bytesRead === 0) break
      if (length > limitBytes) throw new UnreadableFile(what, name, `the limit is ${limitBytes} bytes`)
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length))
    } catch {
      throw new UnreadableFile(what, name, 'it is not UTF-8')
    }
  } finally {
    await file.close()
  }
}
