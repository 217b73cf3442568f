// What a stage costs where the model answers at once: generations a second from recipe to acknowledged record.
// Reference in the same run: the same events appended to another log with nothing in between.
// node bench/stages.ts [CHAINS]
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compose } from '../core/compose.ts'
import { identifyRun } from '../core/identify-run.ts'
import { openCast } from '../core/open-cast.ts'
import { runFileSchema } from '../core/settings.ts'
import { Stage } from '../core/stage.ts'
import { critiqueAndRevise } from '../core/stages/critique-revise.ts'
import { gatherPrompts } from '../core/stages/prompts.ts'
import { publish } from '../core/stages/publish.ts'
import { openHome } from '../events/embedded/home.ts'
import { removeHome } from '../events/embedded/remove-home.ts'
import type { Entry } from '../events/log.ts'

const chains = Number(process.argv[2] ?? 3_000)
const folder = fileURLToPath(new URL('../test/core', import.meta.url))
const plugin = './instant-plugin.ts'
const settings = runFileSchema.parse({
  model: plugin,
  trainer: plugin,
  scorer: plugin,
  raters: plugin,
  prompts: {
    red_team: { plugin, options: { kind: 'red', count: chains } },
    helpful: [],
    held_out_red_team: [],
    held_out_helpful: [],
    generate: { count: 0 },
  },
  evaluation: false,
})

const parent = mkdtempSync(join(tmpdir(), 'hansard-bench-'))
const [one, other] = [join(parent, 'stages'), join(parent, 'bare')]
const home = await openHome(one)
const cast = await openCast({ settings, folder }, { notice: () => {} })
const started = await identifyRun(settings, cast)
const signal = new AbortController().signal
const run = compose({ home, cast, settings, started, signal, watch: () => {} })

const published = await publish(new Stage(run, 'constitution', ''))
const prompts = await gatherPrompts(new Stage(run, 'prompts', ''), published)
const before = run.modelCalls
const stage = new Stage(run, 'critique', '')
const began = performance.now()
const cpuBefore = process.cpuUsage()
await critiqueAndRevise(stage, published.model, { constitution: cast.constitution, published }, prompts)
const seconds = (performance.now() - began) / 1_000
const generations = run.modelCalls - before
const cpu = process.cpuUsage(cpuBefore)
const cpuMicroseconds = (cpu.user + cpu.system) / generations

const bare = await openHome(other)
const events = (await home.memo.events([...stage.used])).flatMap((event): Entry[] =>
  event ? [{ recorded: event, meta: { ce_time: '2026-01-01T00:00:00.000Z' } }] : [],
)
const bareBegan = performance.now()
for (let from = 0; from < events.length; from += 2_000)
  await bare.log.append(events.slice(from, from + 2_000), [])
const bareSeconds = (performance.now() - bareBegan) / 1_000

const rate = generations / seconds
const bareRate = events.length / bareSeconds
console.log(`generations recorded  ${Math.round(rate)} /s   (${generations} in ${seconds.toFixed(1)} s)`)
console.log(
  `bare appends          ${Math.round(bareRate)} /s   (${events.length} in ${bareSeconds.toFixed(1)} s)`,
)
console.log(`CPU of this process   ${Math.round(cpuMicroseconds)} µs a generation`)
console.log(`ratio                 ${(rate / bareRate).toFixed(2)}`)
await cast.close()
await home.close()
await bare.close()
await removeHome(one)
await removeHome(other)
process.exit(0)
