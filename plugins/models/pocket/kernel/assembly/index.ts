/** The kernel's exports. Memory below heapBase() is the module's own: callers allocate from there up. */
export { attend, attendBackward } from './attention'
export { attendCached, cacheRows } from './decode'
export { exp, log, ropeTables } from './elementary'
export { crossEntropy, drawToken, likeliestToken, logProbs } from './loss'
export { rmsNorm, rmsNormBackward } from './norm'
export { addInto, adamw, blend, sumSquares } from './optimize'
export { multiply } from './product'
export { gatherRows, gelu, geluBackward, meanRows, rope, scatterRows } from './rows'
export { packAcross, packAlong } from './strips'

export function heapBase(): usize {
  return __heap_base
}
