/**
 * Attention of one new token per row against a cache of keys and values. For each layer a cache slot holds,
 * head after head, the keys in right strips ([positions / 8][headWidth][8]) and then, head after head, the
 * values ([positions][headWidth]). `positions` is a multiple of 8.
 */
import { softmaxRow } from './attention'
import { bytes, madd } from './lanes'

/** Puts keys and values of `count` rows at positions `first`, `first + 1`, ... of a slot. qkv: [count, 3 * width]. */
export function cacheRows(
  qkv: usize,
  count: i32,
  first: i32,
  width: i32,
  heads: i32,
  positions: i32,
  slot: usize,
): void {
  const head = width / heads
  const values = slot + bytes(width * positions)
  for (let i = 0; i < count; i++) {
    const t = first + i
    for (let h = 0; h < heads; h++) {
      const k = qkv + bytes(width + h * head)
      const keys = slot + bytes(h * head * positions + (t >> 3) * 8 * head + (t & 7))
      for (let j = 0; j < head; j++) store<f32>(keys + bytes(8 * j), load<f32>(k + bytes(j)))
      memory.copy(values + bytes((h * positions + t) * head), k + bytes(width), bytes(head))
    }
    qkv += bytes(3 * width)
  }
}

/**
 * For each of `rows` rows: puts its key and value at its position, then attends to all positions up to it.
 * slots: [rows] i32 addresses of this layer's cache; at: [rows] i32 positions; qkv: [rows, 3 * width],
 * turned; out: [rows, width]; scratch: `positions` floats.
 */
export function attendCached(
  qkv: usize,
  rows: i32,
  width: i32,
  heads: i32,
  positions: i32,
  slots: usize,
  at: usize,
  out: usize,
  scratch: usize,
): void {
  const head = width / heads
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>head)
  for (let i = 0; i < rows; i++) {
    const slot = <usize>load<i32>(slots + bytes(i))
    const t = load<i32>(at + bytes(i))
    cacheRows(qkv, 1, t, width, heads, positions, slot)
    for (let h = 0; h < heads; h++) {
      const q = qkv + bytes(h * head)
      const o = bytes(h * head * positions)
      scoreKeys(q, slot + o, t + 1, head, scratch)
      softmaxRow(scratch, t + 1, (t + 8) & ~7, scale)
      mixValues(scratch, slot + bytes(width * positions) + o, t + 1, head, out + bytes(h * head))
    }
    qkv += bytes(3 * width)
    out += bytes(width)
  }
}

function scoreKeys(q: usize, keys: usize, count: i32, head: i32, scores: usize): void {
  for (let j = 0; j < count; j += 8) {
    let low = f32x4.splat(0)
    let high = low
    for (let k = 0; k < head; k++) {
      const s = v128.load32_splat(q + bytes(k))
      low = madd(s, v128.load(keys), low)
      high = madd(s, v128.load(keys, 16), high)
      keys += 32
    }
    v128.store(scores + bytes(j), low)
    v128.store(scores + bytes(j), high, 16)
  }
}

function mixValues(weights: usize, values: usize, count: i32, head: i32, out: usize): void {
  const step = bytes(head)
  for (let c = 0; c < head; c += 8) {
    let low = f32x4.splat(0)
    let high = low
    let v = values + bytes(c)
    for (let j = 0; j < count; j++) {
      const s = v128.load32_splat(weights + bytes(j))
      low = madd(s, v128.load(v), low)
      high = madd(s, v128.load(v, 16), high)
      v += step
    }
    v128.store(out + bytes(c), low)
    v128.store(out + bytes(c), high, 16)
  }
}
