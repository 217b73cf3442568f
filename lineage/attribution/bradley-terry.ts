import { exactSigmoid, exactSoftplus } from '../../events/exact-math.ts'
import { factorise, solve } from './cholesky.ts'
import { weightedGram } from './weighted-gram.ts'

/** Comparisons to fit a head to. */
export interface Comparisons {
  /** Scaled features of the first answer minus those of the second, row-major [n, d]. */
  readonly differences: Float64Array
  /** P(first is better) of each comparison, 0 … 1: hard, soft or clamped. */
  readonly targets: Float64Array
}

export interface FitRequest extends Comparisons {
  /** Strength of the L2 penalty λ/2·‖θ‖²; above 0. */
  readonly lambda: number
  /** Where Newton starts; zeros if absent. The optimum is one and the same. */
  readonly start?: Float64Array
}

export interface Fit {
  /** The optimum, [d]. */
  readonly theta: Float64Array
  /** Newton steps taken. */
  readonly iterations: number
  /** ‖∇‖ at θ: 0 but for rounding. */
  readonly gradientNorm: number
  /** Σ cross-entropy + λ/2·‖θ‖² at θ. */
  readonly lossNats: number
}

const maxIterations = 100

/**
 * A Bradley–Terry model with L2, solved to its optimum: the θ with the least
 * Σᵢ (softplus(zᵢ) − yᵢ·zᵢ) + λ/2·‖θ‖², zᵢ = θ·xᵢ, by Newton's method with a halving line search.
 * The loss is strictly convex, so the optimum is the only one and needs no learning rate.
 *
 * Only + − × ÷ √ and `exact-math` are used, in a fixed order: the same bits on every machine.
 *
 * @throws RangeError where sizes do not fit or lambda is not above 0; NotPositiveDefinite where a feature is not finite
 */
export const fitHead = (request: FitRequest): Fit => {
  const { differences, targets, lambda } = request
  const n = targets.length
  if (!(lambda > 0)) throw new RangeError(`lambda must be above 0, got ${lambda}`)
  const d = request.start?.length ?? (n === 0 ? 0 : differences.length / n)
  if (!Number.isInteger(d) || differences.length !== n * d)
    throw new RangeError(`expected ${n} × ${d} differences, got ${differences.length}`)

  let at = evaluate(request, request.start ?? new Float64Array(d))
  let iterations = 0
  while (!(at.gradientNorm <= at.rounding) && iterations < maxIterations) {
    const factor = factorise(curvature(differences, at.probabilities, d, lambda), d)
    const before = at
    at = descend(request, before, solve(factor, before.gradient))
    iterations++
    // A factor stays good for more steps, at the price of a gradient each, while they quarter what is left;
    // at the floor of rounding every step that helps at all is taken.
    while (iterations < maxIterations) {
      const next = evaluate(request, minus(at.theta, solve(factor, at.gradient), 1))
      if (!(next.gradientNorm < at.gradientNorm * (at.gradientNorm > at.rounding ? 0.25 : 1))) break
      at = next
      iterations++
    }
    if (!(at.gradientNorm < before.gradientNorm || at.lossNats < before.lossNats)) break
  }
  return { theta: at.theta, iterations, gradientNorm: at.gradientNorm, lossNats: at.lossNats }
}

/** Σ wᵢ·xᵢ·xᵢᵀ + λ·I with wᵢ = pᵢ·(1 − pᵢ), row-major [d, d]. */
export const curvature = (
  differences: Float64Array,
  probabilities: Float64Array,
  d: number,
  lambda: number,
): Float64Array => {
  const hessian = weightedGram(
    differences,
    probabilities.map((p) => p * (1 - p)),
    d,
  )
  for (let j = 0; j < d; j++) hessian[j * d + j]! += lambda
  return hessian
}

/** σ(θ·xᵢ) of each comparison, [n]. */
export const predicted = (differences: Float64Array, theta: Float64Array): Float64Array => {
  const d = theta.length
  const probabilities = new Float64Array(d === 0 ? 0 : differences.length / d)
  for (let i = 0; i < probabilities.length; i++)
    probabilities[i] = exactSigmoid(dot(differences, i * d, theta))
  return probabilities
}

/** Σⱼ x[from + j]·θ[j], in index order. */
export const dot = (x: Float64Array, from: number, theta: Float64Array): number => {
  let sum = 0
  for (let j = 0; j < theta.length; j++) sum += x[from + j]! * theta[j]!
  return sum
}

interface Point {
  readonly theta: Float64Array
  readonly lossNats: number
  readonly gradient: Float64Array
  readonly gradientNorm: number
  readonly probabilities: Float64Array
  /** A bound on ‖∇‖ from rounding alone: the terms' own errors add up like a random walk, with room. */
  readonly rounding: number
}

const evaluate = ({ differences, targets, lambda }: FitRequest, theta: Float64Array): Point => {
  const d = theta.length
  const probabilities = new Float64Array(targets.length)
  const gradient = new Float64Array(d)
  let loss = 0
  let magnitude = 0
  for (let i = 0; i < targets.length; i++) {
    const from = i * d
    const z = dot(differences, from, theta)
    const p = exactSigmoid(z)
    probabilities[i] = p
    loss += exactSoftplus(z) - targets[i]! * z
    const residual = p - targets[i]!
    for (let j = 0; j < d; j++) {
      const part = residual * differences[from + j]!
      gradient[j]! += part
      magnitude += part * part
    }
  }
  let square = 0
  for (let j = 0; j < d; j++) {
    square += theta[j]! * theta[j]!
    gradient[j]! += lambda * theta[j]!
  }
  return {
    theta,
    lossNats: loss + (lambda / 2) * square,
    gradient,
    gradientNorm: Math.sqrt(dot(gradient, 0, gradient)),
    probabilities,
    rounding: 64 * Number.EPSILON * Math.sqrt(magnitude + lambda * lambda * square),
  }
}

/** The first of the full, half, quarter … Newton step that does not raise the loss. */
const descend = (request: FitRequest, at: Point, step: Float64Array): Point => {
  const slack = 1e-12 * Math.abs(at.lossNats)
  let share = 1
  let next = evaluate(request, minus(at.theta, step, share))
  while (!(next.lossNats <= at.lossNats + slack) && share > 1e-9) {
    share /= 2
    next = evaluate(request, minus(at.theta, step, share))
  }
  return next
}

const minus = (theta: Float64Array, step: Float64Array, share: number): Float64Array =>
  theta.map((value, j) => value - share * step[j]!)
