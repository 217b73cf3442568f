import type { LabelledComparisons } from '../../../lineage/attribution/labelled-comparisons.ts'

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

export interface World {
  /** float32 features of both answers of every comparison, [comparisons, 2, dimensions]. */
  readonly features: Float32Array
  readonly comparisons: Omit<LabelledComparisons, 'differences' | 'form'>
  /** Features of answers that are to be explained, [answers, dimensions]. */
  readonly answers: readonly Float32Array[]
}

/**
 * Comparisons as a run makes them: correlated features (a few latent traits behind many dimensions), principles that look
 * at different but overlapping traits and give soft labels, and people who give hard ones, mostly about something else.
 * Features lie on a grid of 2⁻¹² so that adding a constant of that grid is exact in float32.
 */
export const world = (given: {
  readonly seed: number
  readonly comparisons: number
  readonly dimensions: number
  readonly principles: number
  /** Labels of each principle's comparisons: 1, or more for ensembles. */
  readonly perComparison?: number
  readonly humanShare?: number
}): World => {
  const { seed, comparisons, dimensions, principles, perComparison = 1, humanShare = 0.45 } = given
  const random = stream(seed)
  const traits = 8
  const loading = Float64Array.from({ length: traits * dimensions }, () => random.normal())
  const taste = Array.from({ length: principles + 1 }, () =>
    Array.from({ length: traits }, (_, t) => (t === 0 ? 1 : 0) + random.normal()),
  )
  const answer = (): { readonly features: Float32Array; readonly traits: readonly number[] } => {
    const latent = Array.from({ length: traits }, () => random.normal())
    const features = Float32Array.from({ length: dimensions }, (_, j) => {
      let sum = 0.5 * random.normal()
      for (let t = 0; t < traits; t++) sum += latent[t]! * loading[t * dimensions + j]!
      return Math.round(sum * 4096) / 4096
    })
    return { features, traits: latent }
  }
  const features = new Float32Array(comparisons * 2 * dimensions)
  const starts = [0]
  const contributorOf: number[] = []
  const probabilities: number[] = []
  const takesForm: number[] = []
  for (let i = 0; i < comparisons; i++) {
    const [first, second] = [answer(), answer()]
    features.set(first.features, 2 * i * dimensions)
    features.set(second.features, (2 * i + 1) * dimensions)
    const says = (who: number): number => {
      let margin = 0
      for (let t = 0; t < traits; t++) margin += taste[who]![t]! * (first.traits[t]! - second.traits[t]!)
      return 1 / (1 + Math.exp(-margin))
    }
    const people = random.uniform() < humanShare
    takesForm.push(people ? 0 : 1)
    if (people) {
      contributorOf.push(principles)
      probabilities.push(random.uniform() < says(principles) ? 1 : 0)
    } else {
      const from = random.below(principles)
      for (let k = 0; k < perComparison; k++) {
        const who = (from + k) % principles
        contributorOf.push(who)
        probabilities.push(says(who))
      }
    }
    starts.push(probabilities.length)
  }
  return {
    features,
    comparisons: {
      dimensions,
      starts: Int32Array.from(starts),
      contributorOf: Uint16Array.from(contributorOf),
      probabilities: Float64Array.from(probabilities),
      takesForm: Uint8Array.from(takesForm),
      contributors: [...Array.from({ length: principles }, (_, k) => `principle-${k}`), 'human'],
    },
    answers: Array.from({ length: 60 }, () => answer().features),
  }
}

/** Pearson's correlation. */
export const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  let ab = 0
  let aa = 0
  let bb = 0
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i]! - mb)
    aa += (value - ma) ** 2
    bb += (b[i]! - mb) ** 2
  })
  return ab / Math.sqrt(aa * bb)
}
