import { openHome } from '../../../events/embedded/home.ts'
import { madeEntry } from '../../../events/testing/log-under-test.ts'

// A command as the tests start and kill it: `node command-program.ts HOME IDLE_MS WHAT [SUBJECT]`, one line out for each thing done.
const [folder = '', idle = '', what = '', subject = ''] = process.argv.slice(2)
const home = await openHome(folder, { idle_ms: Number(idle) })
const { rows } = await home.pool.query<{ pid: number; started: string }>(
  'select pg_backend_pid() as pid, pg_postmaster_start_time()::text as started',
)
console.log(`opened ${rows[0]!.started}`)
if (what === 'hold') setInterval(() => undefined, 1_000)
if (what === 'write')
  for (let i = 0; ; i += 10) {
    const made = Array.from({ length: 10 }, (_, k) => madeEntry(`${subject} ${k}`, i + k))
    await home.log.append(
      made.map(({ entry }) => entry),
      made.map(({ text }) => text),
    )
    // Only what was acknowledged is printed.
    console.log(made.map(({ entry }) => entry.recorded.id).join(' '))
  }
if (what === 'open') await home.close()
