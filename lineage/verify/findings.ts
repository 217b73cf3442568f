import type { Finding } from '../verify-types.ts'

const kept = 1_000

/** Gathers what is wrong: all of it counted, the first thousand kept. */
export class Findings {
  readonly #found: Finding[] = []
  total = 0

  add(finding: Finding): void {
    this.total++
    if (this.#found.length < kept) this.#found.push(finding)
  }

  get bad(): readonly Finding[] {
    return this.#found
  }
}
