/** Cross entropy, log-probabilities and the drawing of a token. Rows of `vocabulary` logits, a multiple of 4. */
import { exp4, log } from './elementary'
import { bytes, lanesMax, lanesSum } from './lanes'

function highest(x: usize, count: i32): f32 {
  let m = f32x4.splat(-1e30)
  for (let j: usize = 0; j < bytes(count); j += 16) m = f32x4.pmax(m, v128.load(x + j))
  return lanesMax(m)
}

/** y = exp((x - top) * sharpness), which may be x itself; returns the sum. */
function exponentials(x: usize, y: usize, count: i32, top: f32, sharpness: f32): f32 {
  const tops = f32x4.splat(top)
  const k = f32x4.splat(sharpness)
  let sum = f32x4.splat(0)
  for (let j: usize = 0; j < bytes(count); j += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(x + j), tops), k))
    v128.store(y + j, e)
    sum = f32x4.add(sum, e)
  }
  return lanesSum(sum)
}

/**
 * The sum over rows of weight * -log p(target), in nats. `logits` become their gradients, scaled by
 * `scale` (one over the batch's total weight). A negative weight pushes a token away: so the policy
 * gradient is this same function. targets: [rows] i32; weights: [rows].
 */
export function crossEntropy(
  logits: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  vocabulary: i32,
  scale: f32,
): f64 {
  let total: f64 = 0
  for (let i = 0; i < rows; i++) {
    const target = logits + bytes(load<i32>(targets + bytes(i)))
    const weight = load<f32>(weights + bytes(i))
    const top = highest(logits, vocabulary)
    const own = load<f32>(target)
    const sum = exponentials(logits, logits, vocabulary, top, 1)
    total += <f64>weight * (<f64>top - <f64>own + log(<f64>sum))
    const factor = f32x4.splat((weight * scale) / sum)
    for (let j: usize = 0; j < bytes(vocabulary); j += 16) {
      v128.store(logits + j, f32x4.mul(v128.load(logits + j), factor))
    }
    store<f32>(target, load<f32>(target) - weight * scale)
    logits += bytes(vocabulary)
  }
  return total
}

/** target[i] = log p(token[i]) in nats under the softmax of row i at a temperature of 1 / sharpness. */
export function logProbs(
  logits: usize,
  tokens: usize,
  target: usize,
  rows: i32,
  vocabulary: i32,
  sharpness: f32,
  scratch: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const top = highest(logits, vocabulary)
    const own = load<f32>(logits + bytes(load<i32>(tokens + bytes(i))))
    const sum = exponentials(logits, scratch, vocabulary, top, sharpness)
    store<f32>(target + bytes(i), <f32>(<f64>((own - top) * sharpness) - log(<f64>sum)))
    logits += bytes(vocabulary)
  }
}

/**
 * The token at which the cumulated probability first exceeds `uniform`, a number in [0, 1).
 * The first `count` logits take part (a vocabulary may be padded up to a multiple of 4 with nothing).
 */
export function drawToken(logits: usize, vocabulary: i32, sharpness: f32, uniform: f64, scratch: usize): i32 {
  exponentials(logits, scratch, vocabulary, highest(logits, vocabulary), sharpness)
  let total: f64 = 0
  for (let j = 0; j < vocabulary; j++) total += <f64>load<f32>(scratch + bytes(j))
  const goal = uniform * total
  let sum: f64 = 0
  for (let j = 0; j < vocabulary; j++) {
    sum += <f64>load<f32>(scratch + bytes(j))
    if (sum > goal) return j
  }
  return vocabulary - 1
}

/** The token with the highest logit; the first of equals. */
export function likeliestToken(logits: usize, vocabulary: i32): i32 {
  let best = 0
  let top = load<f32>(logits)
  for (let j = 1; j < vocabulary; j++) {
    const v = load<f32>(logits + bytes(j))
    if (v > top) {
      top = v
      best = j
    }
  }
  return best
}
