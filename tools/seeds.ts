// `npm run seeds [-- SEED…]`: the default run under several seeds, and the spread of what it measures, as a table in Markdown.
// The runs share a home, so a run that is there already costs nothing.
import { openHome } from '../events/embedded/home.ts'
import { runCommand } from '../core/run-command.ts'
import { runPage } from '../lineage/evaluation/page.ts'
import type { ChangedRow, RunPage } from '../lineage/evaluation/run-page.ts'
import { Graph } from '../lineage/graph.ts'
import { project } from '../lineage/projector.ts'
import { findRun } from '../lineage/run-members.ts'
import { openProgress } from '../tui/progress.ts'

const given = process.argv.slice(2).map(Number)
const seeds = given.length > 0 ? given : [1, 2, 3]
const home = process.env['HANSARD_HOME'] ?? '.hansard-seeds'

const pages: RunPage[] = []
for (const seed of seeds) {
  process.stderr.write(`seed ${seed}\n`)
  const view = openProgress(process.stderr, { plain: !process.stderr.isTTY, color: false, now: Date.now })
  const result = await runCommand({ home, seed, view, signal: new AbortController().signal })
  view.finish()
  const opened = await openHome(home)
  const asOf = await project(opened)
  const { pool, memo, blobs } = opened
  pages.push(await runPage({ memo, blobs, graph: new Graph(pool) }, await findRun(pool, result!.run), asOf))
  await opened.close()
}

const columns = ['harm', 'help', 'refuses', 'flat', 'engaged', 'gold', 'repeats'] as const

/** Mean and standard deviation over the seeds (n − 1 in the denominator). */
const spread = (values: readonly (number | undefined)[]): string => {
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0) return '–'
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length - 1)
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)}`
}

const rowsOf = (page: RunPage, prompts: string): readonly ChangedRow[] =>
  page.changed.filter((table) => table.prompts === prompts).flatMap(({ rows }) => rows)

for (const prompts of ['red_team', 'held_out_red_team', 'held_out_helpful']) {
  const tables = pages.map((page) => rowsOf(page, prompts))
  console.log(`\n### ${prompts.replaceAll('_', ' ')}, seeds ${seeds.join(', ')}\n`)
  console.log(`| | ${columns.join(' | ')} |\n| --- | ${columns.map(() => '---').join(' | ')} |`)
  for (const { name } of tables[0] ?? []) {
    const rows = tables.map((table) => table.find((row) => row.name === name))
    console.log(
      `| ${name} | ${columns.map((column) => spread(rows.map((row) => row?.[column]))).join(' | ')} |`,
    )
  }
}
process.exit(0)
