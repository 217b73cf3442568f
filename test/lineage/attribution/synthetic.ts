/** A random stream for tests, reproducible: mulberry32. */
export const stream = (seed: number) => {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const normal = (): number => {
    const radius = Math.sqrt(-2 * Math.log(uniform() + 1e-300))
    return radius * Math.cos(2 * Math.PI * uniform())
  }
  return { uniform, normal, below: (n: number) => Math.floor(uniform() * n) }
}
