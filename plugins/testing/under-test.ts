import type { By } from '../../events/event.ts'

/** No time limit: a suite says itself how long it waits. */
const neverMs = 2 ** 31 - 1

/** A port as hansard sees it: bound and checked, under the name that it gives itself. */
export const underTest = <P extends { readonly by: By }>(
  bound: (plugin: string, port: P, patienceMs: number) => P,
  port: P,
): P => bound(port.by.plugin, port, neverMs)
