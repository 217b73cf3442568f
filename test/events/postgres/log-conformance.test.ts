import { afterAll, beforeAll, describe, it } from 'vitest'
import { openHome, type Home } from '../../../events/embedded/home.ts'
import type { LogUnderTest } from '../../../events/testing/log-under-test.ts'
import { logConformance } from '../../../events/testing/log-conformance.ts'
import { memoConformance } from '../../../events/testing/memo-conformance.ts'
import { tailConformance } from '../../../events/testing/tail-conformance.ts'
import { writersConformance } from '../../../events/testing/writers-conformance.ts'
import { temporaryHome } from '../embedded/temporary-home.ts'

const { folder, remove } = temporaryHome()
const opened: Home[] = []
const open = async (): Promise<Home> => {
  const home = await openHome(folder, { idle_ms: 60_000 })
  opened.push(home)
  return home
}
let subject: LogUnderTest

beforeAll(async () => {
  const { log, memo } = await open()
  subject = { log, memo, again: open }
})
afterAll(async () => {
  await Promise.all(opened.map((home) => home.close()))
  await remove()
})

describe.each([
  ['the log in Postgres', logConformance],
  ['its tail', tailConformance],
  ['its writers', writersConformance],
  ['its memo', memoConformance],
])('%s', (_, cases) => {
  it.each(cases)('$promise', ({ holds }) => holds(subject))
})
