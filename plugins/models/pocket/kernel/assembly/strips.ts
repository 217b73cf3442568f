/**
 * Strips: the layout in which the matrix product reads its operands. A matrix with `depth` (the summed
 * index k) and `count` (rows of the left operand, columns of the right one) is cut into strips of `width`
 * columns: strip s holds [depth, width] floats, one after the other, the last padded with zeros.
 * Left operands have strips of 4, right operands of 8.
 */
import { bytes } from './lanes'

/** Packs a matrix whose element (k, j) is at source[k * step + j]. Steps are in floats. */
export function packAcross(source: usize, step: i32, depth: i32, count: i32, width: i32, target: usize): void {
  const stepBytes = bytes(step)
  for (let j = 0; j < count; j += width) {
    for (let lane = 0; lane < width; lane += 4) {
      let from = source + bytes(j + lane)
      let to = target + bytes(j * depth + lane)
      const left = count - j - lane
      for (let k = 0; k < depth; k++) {
        if (left >= 4) v128.store(to, v128.load(from))
        else v128.store(to, loadPart(from, left))
        from += stepBytes
        to += bytes(width)
      }
    }
  }
}

/** Packs a matrix whose element (k, j) is at source[j * step + k]. */
export function packAlong(source: usize, step: i32, depth: i32, count: i32, width: i32, target: usize): void {
  const stepBytes = bytes(step)
  const whole = depth & ~3
  for (let j = 0; j < count; j += width) {
    for (let lane = 0; lane < width; lane += 4) {
      const left = count - j - lane
      let to = target + bytes(j * depth + lane)
      let from = source + <usize>(j + lane) * stepBytes
      if (left >= 4) {
        for (let k = 0; k < whole; k += 4) {
          const r0 = v128.load(from)
          const r1 = v128.load(from + stepBytes)
          const r2 = v128.load(from + 2 * stepBytes)
          const r3 = v128.load(from + 3 * stepBytes)
          const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
          const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
          const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
          const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
          v128.store(to, v128.shuffle<f32>(a, b, 0, 1, 4, 5))
          to += bytes(width)
          v128.store(to, v128.shuffle<f32>(a, b, 2, 3, 6, 7))
          to += bytes(width)
          v128.store(to, v128.shuffle<f32>(c, d, 0, 1, 4, 5))
          to += bytes(width)
          v128.store(to, v128.shuffle<f32>(c, d, 2, 3, 6, 7))
          to += bytes(width)
          from += 16
        }
        for (let k = whole; k < depth; k++) {
          for (let l: usize = 0; l < 4; l++) store<f32>(to + (l << 2), load<f32>(from + l * stepBytes))
          from += 4
          to += bytes(width)
        }
      } else {
        for (let k = 0; k < depth; k++) {
          for (let l = 0; l < 4; l++) {
            store<f32>(to + bytes(l), l < left ? load<f32>(from + <usize>l * stepBytes) : 0)
          }
          from += 4
          to += bytes(width)
        }
      }
    }
  }
}

/** The first `left` floats at an address (none for left <= 0), the other lanes zero. */
function loadPart(from: usize, left: i32): v128 {
  const a: f32 = left > 0 ? load<f32>(from) : 0
  const b: f32 = left > 1 ? load<f32>(from, 4) : 0
  const c: f32 = left > 2 ? load<f32>(from, 8) : 0
  let v = f32x4.splat(a)
  v = f32x4.replace_lane(v, 1, b)
  v = f32x4.replace_lane(v, 2, c)
  return f32x4.replace_lane(v, 3, 0)
}
