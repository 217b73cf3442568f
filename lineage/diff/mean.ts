/** A mean that is added to, one value at a time; null while there is none. */
export class Mean {
  #sum = 0
  count = 0

  add(value: number): void {
    this.#sum += value
    this.count++
  }

  get value(): number | null {
    return this.count === 0 ? null : this.#sum / this.count
  }
}
