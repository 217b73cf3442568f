import type { Digest, TextRef } from '../../events/event.ts'
import type { Memo } from '../../events/memo.ts'
import { isTextOf } from '../../events/texts.ts'
import type { Findings } from './findings.ts'
import { IdTable } from './id-table.ts'

/** Bytes and number of texts that are fetched at once. */
const batchBytes = 8_000_000
const batchTexts = 2_000

/** Hashes every text that events name, each once, in batches of bounded size. */
export class TextCheck {
  readonly #memo: Memo
  readonly #findings: Findings
  readonly #seen = new IdTable()
  #waiting: TextRef[] = []
  #bytes = 0
  /** Texts whose digest was computed again and is right. */
  hashed = 0
  /** Texts under a keyed digest, which only their salt could compute again: measured, not hashed. */
  keyed = 0

  constructor(memo: Memo, findings: Findings) {
    this.#memo = memo
    this.#findings = findings
  }

  async add(refs: readonly TextRef[]): Promise<void> {
    for (const ref of refs) {
      if (!this.#seen.add(ref.digest)) continue
      this.#waiting.push(ref)
      this.#bytes += ref.bytes
      if (this.#bytes >= batchBytes || this.#waiting.length >= batchTexts) await this.flush()
    }
  }

  async flush(): Promise<void> {
    const refs = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    const texts = await this.#memo.texts(refs.map(({ digest }) => digest))
    for (const [k, ref] of refs.entries()) this.#check(ref, texts[k])
  }

  #check(ref: TextRef, text: string | undefined): void {
    if (text === undefined) this.#fault(ref.digest, 'the text is not there: it was erased or lost')
    else if (ref.scheme === 'hmac-sha256') {
      if (Buffer.byteLength(text) === ref.bytes) this.keyed++
      else this.#fault(ref.digest, `the text has ${Buffer.byteLength(text)} bytes, not ${ref.bytes}`)
    } else if (isTextOf(ref, text)) this.hashed++
    else this.#fault(ref.digest, 'the text was changed: its sha-256 is another')
  }

  #fault(digest: Digest, what: string): void {
    this.#findings.add({ kind: 'text', id: digest, what })
  }
}
