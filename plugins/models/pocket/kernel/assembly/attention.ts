/**
 * Causal attention of one sequence, forward and backward (Vaswani et al. 2017, section 3.2). Work above the
 * diagonal is left out in blocks of four queries. A row's sums run over the keys in order, exactly as in
 * decode.ts, so that reading a text and writing it token by token give the same bits.
 */
import { exp4 } from './elementary'
import { bytes, lanesMax, lanesSum, madd } from './lanes'
import { tile } from './product'
import { packAcross, packAlong } from './strips'

/** Length of a stored row of attention weights: whole strips of 8. */
// @ts-ignore: decorator
@inline
function rowStep(length: i32): i32 {
  return (length + 7) & ~7
}

/** softmax(scale * x) over the first `count` floats of a row; the rest up to `room` (a multiple of 4) becomes 0. */
export function softmaxRow(x: usize, count: i32, room: i32, scale: f32): void {
  const scales = f32x4.splat(scale)
  const low = f32x4.splat(-1e30)
  for (let j = count; j & 3; j++) store<f32>(x + bytes(j), <f32>-1e30)
  const end = bytes((count + 3) & ~3)
  let highest = low
  for (let j: usize = 0; j < end; j += 16) {
    const v = f32x4.mul(v128.load(x + j), scales)
    v128.store(x + j, v)
    highest = f32x4.pmax(highest, v)
  }
  const top = f32x4.splat(lanesMax(highest))
  let sum = f32x4.splat(0)
  for (let j: usize = 0; j < end; j += 16) {
    const v = f32x4.sub(v128.load(x + j), top)
    const e = v128.and(exp4(v), f32x4.gt(v, f32x4.splat(-87)))
    v128.store(x + j, e)
    sum = f32x4.add(sum, e)
  }
  const share = f32x4.splat(<f32>1 / lanesSum(sum))
  for (let j: usize = 0; j < end; j += 16) v128.store(x + j, f32x4.mul(v128.load(x + j), share))
  if (bytes(room) > end) memory.fill(x + end, 0, bytes(room) - end)
}

/**
 * qkv: [length, 3 * width], already turned; weights: [heads, length, rowStep(length)], kept for the way
 * back; out: [length, width]; a head is a multiple of 8 wide; scratch: 2 * (length + 8) * headWidth floats.
 */
export function attend(
  qkv: usize,
  length: i32,
  width: i32,
  heads: i32,
  weights: usize,
  out: usize,
  scratch: usize,
): void {
  const head = width / heads
  const row = 3 * width
  const step = rowStep(length)
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>head)
  const left = scratch
  const right = scratch + bytes((length + 8) * head)
  for (let h = 0; h < heads; h++) {
    const q = qkv + bytes(h * head)
    const p = weights + bytes(h * length * step)
    packAlong(q, row, head, length, 4, left)
    packAlong(q + bytes(width), row, head, length, 8, right)
    scoreTiles(left, right, head, length, p)
    for (let i = 0; i < length; i++) softmaxRow(p + bytes(i * step), i + 1, step, scale)
    packAcross(q + bytes(2 * width), row, length, head, 8, right)
    mixTiles(p, right, head, length, left, out + bytes(h * head), width)
  }
}

/** Products of every query (left strips) with every key (right strips) that it may see. */
function scoreTiles(left: usize, right: usize, head: i32, length: i32, scores: usize): void {
  const step = rowStep(length)
  for (let i = 0; i < length; i += 4) {
    const rows = min(4, length - i)
    const a = left + bytes(i * head)
    for (let j = 0; j < i + rows; j += 8) {
      tile(head, a, right + bytes(j * head), scores + bytes(i * step + j), bytes(step), rows, 8, false)
    }
  }
}

/** out[i] = sum over j <= i of p[i, j] times row j of the right strips. */
function mixTiles(p: usize, right: usize, head: i32, length: i32, left: usize, out: usize, outStep: i32): void {
  const step = rowStep(length)
  for (let i = 0; i < length; i += 4) {
    const rows = min(4, length - i)
    const depth = i + rows
    packAlong(p + bytes(i * step), step, depth, rows, 4, left)
    for (let j = 0; j < head; j += 8) {
      const to = out + bytes(i * outStep + j)
      tile(depth, left, right + bytes(j * length), to, bytes(outStep), rows, min(8, head - j), false)
    }
  }
}

/**
 * dOut: [length, width] gives dQkv: [length, 3 * width] (written, not added; still turned).
 * weights come from `attend`; scratch: 2 * (length + 8) * headWidth + length * rowStep(length) floats.
 */
export function attendBackward(
  qkv: usize,
  length: i32,
  width: i32,
  heads: i32,
  weights: usize,
  dOut: usize,
  dQkv: usize,
  scratch: usize,
): void {
  const head = width / heads
  const row = 3 * width
  const step = rowStep(length)
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>head)
  const room = bytes((length + 8) * head)
  const left = scratch
  const right = scratch + room
  const dScores = scratch + 2 * room
  for (let h = 0; h < heads; h++) {
    const q = qkv + bytes(h * head)
    const d = dOut + bytes(h * head)
    const dq = dQkv + bytes(h * head)
    const p = weights + bytes(h * length * step)
    // dP = dOut V^T, then through the softmax
    packAlong(d, width, head, length, 4, left)
    packAlong(q + bytes(2 * width), row, head, length, 8, right)
    scoreTiles(left, right, head, length, dScores)
    for (let i = 0; i < length; i++) softmaxBackwardRow(p + bytes(i * step), dScores + bytes(i * step), i + 1, step, scale)
    packAcross(q + bytes(width), row, length, head, 8, right)
    mixTiles(dScores, right, head, length, left, dq, row)
    packAcross(q, row, length, head, 8, right)
    gatherTiles(dScores, right, head, length, left, dq + bytes(width), row)
    packAcross(d, width, length, head, 8, right)
    gatherTiles(p, right, head, length, left, dq + bytes(2 * width), row)
  }
}

/** d becomes scale * p * (d - sum(d * p)) over the first `count` floats, and 0 up to `room`. */
function softmaxBackwardRow(p: usize, d: usize, count: i32, room: i32, scale: f32): void {
  const end = bytes((count + 3) & ~3)
  for (let j = count; j & 3; j++) store<f32>(d + bytes(j), 0)
  let sum = f32x4.splat(0)
  for (let j: usize = 0; j < end; j += 16) sum = madd(v128.load(p + j), v128.load(d + j), sum)
  const mean = f32x4.splat(lanesSum(sum))
  const scales = f32x4.splat(scale)
  for (let j: usize = 0; j < end; j += 16) {
    const v = f32x4.mul(v128.load(p + j), f32x4.sub(v128.load(d + j), mean))
    v128.store(d + j, f32x4.mul(scales, v))
  }
  if (bytes(room) > end) memory.fill(d + end, 0, bytes(room) - end)
}

/** out[j] = sum over i >= j of p[i, j] times row i of the right strips: the transpose of mixTiles. */
function gatherTiles(p: usize, right: usize, head: i32, length: i32, left: usize, out: usize, outStep: i32): void {
  const step = rowStep(length)
  for (let j = 0; j < length; j += 4) {
    const rows = min(4, length - j)
    const depth = length - j
    packAcross(p + bytes(j * step + j), step, depth, rows, 4, left)
    for (let c = 0; c < head; c += 8) {
      const to = out + bytes(j * outStep + c)
      const from = right + bytes(c * length + j * 8)
      tile(depth, left, from, to, bytes(outStep), rows, min(8, head - c), false)
    }
  }
}
