import type { Digest, Recorded, TextRef } from '../events/event.ts'
import { HansardError } from '../events/errors.ts'
import type { Memo } from '../events/memo.ts'

/** Texts held in memory at most; they are short and asked for again soon. */
const maxHeld = 100_000

/** Reads the texts that events name, in batches, and keeps the latest at hand. */
export class TextReader {
  readonly #memo: Memo
  readonly #held = new Map<Digest, string>()

  constructor(memo: Memo) {
    this.#memo = memo
  }

  /** Keeps a text that was just written, so that nobody needs to read it back. */
  keep(ref: TextRef, text: string): void {
    if (this.#held.size >= maxHeld) this.#held.delete(this.#held.keys().next().value!)
    this.#held.set(ref.digest, text)
  }

  /** The texts of `out.text`, in the order of the events. @throws where one was erased */
  async of(events: readonly Recorded[]): Promise<readonly string[]> {
    const refs = events.map((event) => textOf(event))
    const missing = [...new Set(refs.map((ref) => ref.digest))].filter((digest) => !this.#held.has(digest))
    const found = new Map<Digest, string>()
    for (let start = 0; start < missing.length; start += 2_000) {
      const digests = missing.slice(start, start + 2_000)
      const texts = await this.#memo.texts(digests)
      digests.forEach((digest, k) => {
        if (texts[k] !== undefined) found.set(digest, texts[k])
      })
    }
    return refs.map((ref, k) => {
      const text = this.#held.get(ref.digest) ?? found.get(ref.digest)
      if (text === undefined) throw new TextErased(events[k]!.id, ref.digest)
      this.keep(ref, text)
      return text
    })
  }
}

class TextErased extends HansardError {
  constructor(event: string, digest: Digest) {
    super(
      'text_erased',
      `event ${event.slice(0, 12)} names the text ${digest.slice(0, 12)}, which is not stored`,
      {
        exit: 1,
        mend: 'it was erased, or the log was copied without its texts: start a run that does not build on it',
      },
    )
  }
}

/** The text that an answer or a prompt names. */
export const textOf = ({ id, event }: Recorded): TextRef => {
  const text = event.out.status === 'ok' ? event.out['text'] : undefined
  if (text === undefined) throw new Error(`event ${id} has no text`)
  return text as unknown as TextRef
}
