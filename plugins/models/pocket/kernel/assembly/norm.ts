/** RMS norm (Zhang and Sennrich 2019): y = x / sqrt(mean(x^2) + 1e-6) * gain. Width is a multiple of 4. */
import { bytes, lanesSum, madd } from './lanes'

/** x, y: [rows, width]; gain: [width]; inverse: [rows], kept for the way back. */
export function rmsNorm(x: usize, gain: usize, y: usize, inverse: usize, rows: i32, width: i32): void {
  const end = bytes(width)
  for (let i = 0; i < rows; i++) {
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < end; j += 16) {
      const v = v128.load(x + j)
      sum = madd(v, v, sum)
    }
    const r: f32 = <f32>1 / sqrt<f32>(lanesSum(sum) / <f32>width + <f32>1e-6)
    store<f32>(inverse + bytes(i), r)
    const scale = f32x4.splat(r)
    for (let j: usize = 0; j < end; j += 16) {
      v128.store(y + j, f32x4.mul(f32x4.mul(v128.load(x + j), scale), v128.load(gain + j)))
    }
    x += end
    y += end
  }
}

/** Adds to dx [rows, width] and dGain [width] what dy [rows, width] implies. */
export function rmsNormBackward(
  x: usize,
  gain: usize,
  inverse: usize,
  dy: usize,
  dx: usize,
  dGain: usize,
  rows: i32,
  width: i32,
): void {
  const end = bytes(width)
  for (let i = 0; i < rows; i++) {
    const scale = v128.load32_splat(inverse + bytes(i))
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < end; j += 16) {
      const unit = f32x4.mul(v128.load(x + j), scale)
      const d = v128.load(dy + j)
      v128.store(dGain + j, madd(unit, d, v128.load(dGain + j)))
      sum = madd(unit, f32x4.mul(d, v128.load(gain + j)), sum)
    }
    const mean = f32x4.splat(lanesSum(sum) / <f32>width)
    for (let j: usize = 0; j < end; j += 16) {
      const unit = f32x4.mul(v128.load(x + j), scale)
      const d = f32x4.mul(v128.load(dy + j), v128.load(gain + j))
      v128.store(dx + j, madd(scale, f32x4.sub(d, f32x4.mul(unit, mean)), v128.load(dx + j)))
    }
    x += end
    dy += end
    dx += end
  }
}
