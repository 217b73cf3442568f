import { defaultIdle_ms, keep } from './keeper.ts'

// The keeper's process: `node keeper-program.ts HOME IDLE_MS`, started by `ensureKeeper`.
const [home = '', idle = String(defaultIdle_ms)] = process.argv.slice(2)
await keep(home, Number(idle))
// A lost session may leave timers of its own.
process.exit(0)
