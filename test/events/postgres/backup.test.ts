import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHome, type Home } from '../../../events/embedded/home.ts'
import { readPasswords } from '../../../events/embedded/home-file.ts'
import { backup } from '../../../events/postgres/backup.ts'
import { BackupDamaged, BackupFile, HomeNotEmpty } from '../../../events/postgres/backup-errors.ts'
import { restore } from '../../../events/postgres/restore.ts'
import { endsOf, fresh, madeAnswer, madeEntry, writtenSince } from '../../../events/testing/log-under-test.ts'
import { temporaryHome } from '../embedded/temporary-home.ts'
import { textRef } from '../../../events/texts.ts'

const { folder, remove } = temporaryHome()
const aside = mkdtempSync(join(tmpdir(), 'hansard-backups-'))
const file = join(aside, 'home.backup')
let home: Home
let databases = 0

/** An empty home in a database of its own on the same server. */
const emptyHome = async (): Promise<Home> => {
  const name = `restored_${++databases}`
  const { superuser } = await readPasswords(folder)
  const url = new URL(home.url)
  Object.assign(url, { username: 'postgres', password: superuser, pathname: '/postgres' })
  const { Client } = await import('pg')
  const client = new Client({ connectionString: url.href })
  await client.connect()
  await client.query(`create database ${name} owner hansard`)
  await client.end()
  const own = new URL(home.url)
  own.pathname = `/${name}`
  return openHome(join(aside, name), { databaseUrl: own.href })
}

const contents = async (of: Home): Promise<unknown> => {
  const records = await writtenSince(
    of.log,
    new Map((await of.log.sizes()).map(({ partition }) => [partition, 0])),
  )
  const texts = await of.pool.query('select digest, keyed, body from record.texts order by digest')
  const answers = await of.pool.query('select id, answer from record.records order by id')
  const blobs = []
  for await (const blob of of.blobs.list()) blobs.push(blob)
  return { records, texts: texts.rows, answers: answers.rows, blobs }
}

beforeAll(async () => {
  home = await openHome(folder, { idle_ms: 60_000 })
  const subjects = Array.from({ length: 40 }, () => fresh('kept \u0000'))
  const made = Array.from({ length: 400 }, (_, i) =>
    madeEntry(subjects[i % 40]!, i, `text ${i} \u0000 \n 🏛️`),
  )
  await home.log.append(
    made.map(({ entry }) => entry),
    made.map(({ text }) => text),
  )
  await home.log.append(
    [3, 1, 2].map((rows) => madeAnswer('diverged', rows)),
    [{ ref: textRef('personal', Buffer.alloc(32, 1)), text: 'personal' }],
  )
  for (const bytes of [Buffer.alloc(0), Buffer.from('a blob'), Buffer.alloc(200_000, 7)])
    await home.blobs.put(bytes)
})
afterAll(async () => {
  await home.close()
  await remove()
  rmSync(aside, { recursive: true })
})

describe('a backup', () => {
  it('is one private file, and refuses to write over another', async () => {
    const written = await backup(home, file)
    expect(written).toEqual({ records: 403, texts: 401, blobs: 3, bytes: statSync(file).size })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.partial`)).toBe(false)
    await expect(backup(home, file)).rejects.toThrow(BackupFile)
    await expect(backup(home, join(aside, 'nowhere', 'x'))).rejects.toThrow(BackupFile)
  })

  it('of the same record is the same to the byte', async () => {
    await backup(home, `${file}.again`)
    expect(readFileSync(`${file}.again`).equals(readFileSync(file))).toBe(true)
  })

  it('unpacks with tar into lines whose sha-256 are the ids', () => {
    writeFileSync(`${file}.tar`, zstdDecompressSync(readFileSync(file)))
    const unpack = (name: string): string => execFileSync('tar', ['-xOf', `${file}.tar`, name]).toString()
    const values = unpack('records/0/000000000000.json').trimEnd().split('\n')
    const ids = unpack('meta/0/000000000000.json')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id)
    expect(values.map((value) => createHash('sha256').update(value).digest('hex'))).toEqual(ids)
  })

  it('holds one moment, although others append meanwhile', async () => {
    const { log, pool, blobs } = home
    let late = 0
    const meanwhile: Home['blobs'] = {
      put: (bytes) => blobs.put(bytes),
      get: (digest) => blobs.get(digest),
      has: (digest) => blobs.has(digest),
      release: (digest) => blobs.release(digest),
      list: async function* () {
        await log.append([madeEntry(fresh('late'), late++).entry], [])
        yield* blobs.list()
      },
    }
    const written = await backup({ pool, blobs: meanwhile }, `${file}.moment`)
    expect(late).toBe(1)
    expect(written.records).toBe(403)
  })
})

describe('a restore', () => {
  it('makes the same record: every record at its place, every text, answer, header and blob', async () => {
    await backup(home, `${file}.whole`)
    const restored = await emptyHome()
    expect(await restore(restored, `${file}.whole`)).toEqual({ records: 404, texts: 401, blobs: 3 })
    expect(await contents(restored)).toEqual(await contents(home))
    await backup(restored, `${file}.twice`)
    expect(readFileSync(`${file}.twice`).equals(readFileSync(`${file}.whole`))).toBe(true)
    // Once more changes nothing.
    expect(await restore(restored, `${file}.whole`)).toEqual({ records: 404, texts: 401, blobs: 3 })
    expect((await restored.log.sizes()).reduce((sum, { next }) => sum + next, 0)).toBe(404)
    await restored.close()
  })

  it('goes on where an interrupted one stopped', async () => {
    const restored = await emptyHome()
    const { log } = restored
    let appends = 0
    const failing = {
      ...restored,
      log: {
        partitions: log.partitions,
        sizes: () => log.sizes(),
        read: (partition: number, from: number, limit: number) => log.read(partition, from, limit),
        append: (...batch: Parameters<typeof log.append>) => {
          if (++appends > 4) throw new Error('interrupted')
          return log.append(...batch)
        },
      } as unknown as Home['log'],
    }
    await expect(restore(failing, file)).rejects.toThrow('interrupted')
    expect(appends).toBe(5)
    expect(await restore(restored, file)).toEqual({ records: 403, texts: 401, blobs: 3 })
    await restored.close()
  })

  it('into a home that holds something else is refused before anything is written', async () => {
    const restored = await emptyHome()
    await restored.log.append([madeEntry(fresh('other'), 0).entry], [])
    const ends = await endsOf(restored.log)
    await expect(restore(restored, file)).rejects.toThrow(HomeNotEmpty)
    expect(await endsOf(restored.log)).toEqual(ends)
    await restored.close()
  })

  it('of a damaged, a cut, a forged or no file at all is refused, and says what is wrong', async () => {
    const restored = await emptyHome()
    const whole = readFileSync(file)
    const refusal = async (bytes: Uint8Array): Promise<string> => {
      writeFileSync(`${file}.bad`, bytes)
      const error: unknown = await restore(restored, `${file}.bad`).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof BackupDamaged))
        throw new Error('restored, or failed otherwise', { cause: error })
      return error.message
    }
    for (const share of [0, 0.1, 0.5, 0.9, 0.999])
      await refusal(whole.subarray(0, Math.floor(whole.length * share)))
    for (let at = 50; at < whole.length; at += Math.ceil(whole.length / 12)) {
      const flipped = Buffer.from(whole)
      flipped[at]! ^= 0x10
      await refusal(flipped)
    }
    await refusal(Buffer.from('not a backup'))
    await refusal(zstdCompressSync(Buffer.from('not an archive')))
    const archive = zstdDecompressSync(whole)
    const forged = (from: string, to: string): Buffer => {
      const bytes = Buffer.from(archive)
      const at = bytes.indexOf(from)
      expect(at).toBeGreaterThan(0)
      bytes.write(to, at, 'latin1')
      return zstdCompressSync(bytes)
    }
    expect(await refusal(forged('"status":"ok"', '"status":"no"'))).toMatch(/should be [0-9a-f]{64}, and has/)
    expect(await refusal(forged('a blob', 'a blab'))).toMatch(/blobs\/[0-9a-f]{64} has the sha-256/)
    expect(await refusal(forged('"format":1', '"format":9'))).toMatch(/format/)
    expect(await refusal(forged('text 7 ', 'text 8 '))).toMatch(/texts\/sha256/)
    await expect(restore(restored, join(aside, 'absent'))).rejects.toThrow(BackupFile)
    await expect(restore(restored, aside)).rejects.toThrow(BackupFile)
    await restored.close()
  })
})
