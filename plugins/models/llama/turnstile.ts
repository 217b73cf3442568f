/** Lets one piece of work in at a time, in the order of asking. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve()

  through<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
